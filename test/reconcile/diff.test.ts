import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { operationWords } from '../../src/backend/ipvsadm-words.ts';
import { MemoryBackend } from '../../src/backend/memory.ts';
import type { Destination, Service, Table } from '../../src/ipvs-netlink/model.ts';
import { diff, managedOnly } from '../../src/reconcile/diff.ts';
import { destination, service } from '../support/builders.ts';

/** The operations in ipvsadm's words. */
function words(wished: Table, actual: Table): readonly string[] {
  return diff(wished, actual).map((operation) => operationWords(operation).join(' '));
}

const a = destination('10.9.0.2');
const b = destination('10.9.0.3');
const otherId = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 } as const;

describe('diff: one operation a difference', () => {
  const rows: readonly (readonly [string, Table, Table, readonly string[]])[] = [
    ['equal tables', [service([a])], [service([a])], []],
    ['equal tables in another order', [service([a, b])], [service([b, a])], []],
    [
      'a new service comes before its servers',
      [service([a])],
      [],
      ['-A -t 10.9.0.30:80 -s wrr', '-a -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 1'],
    ],
    ['a service without servers', [service([])], [], ['-A -t 10.9.0.30:80 -s wrr']],
    ['a service that has to go', [], [service([a])], ['-D -t 10.9.0.30:80']],
    [
      'another scheduler',
      [service([a], { scheduler: 'rr' })],
      [service([a])],
      ['-E -t 10.9.0.30:80 -s rr'],
    ],
    [
      'scheduler flags',
      [service([], { scheduler: 'sh', schedulerFlags: 0x18 })],
      [service([], { scheduler: 'sh', schedulerFlags: 0x10 })],
      ['-E -t 10.9.0.30:80 -s sh -b sh-fallback,sh-port'],
    ],
    [
      'persistence',
      [service([], { persistenceTimeoutS: 600 })],
      [service([], { persistenceTimeoutS: 300 })],
      ['-E -t 10.9.0.30:80 -s wrr -p 600'],
    ],
    [
      'persistence netmask',
      [service([], { persistenceTimeoutS: 600, persistenceNetmask: '255.255.255.0' })],
      [service([], { persistenceTimeoutS: 600 })],
      ['-E -t 10.9.0.30:80 -s wrr -p 600 -M 255.255.255.0'],
    ],
    [
      'a netmask that decides nothing',
      [service([])],
      [service([], { persistenceNetmask: '255.0.0.0' })],
      [],
    ],
    [
      'persistence engine',
      [service([], { persistenceTimeoutS: 60, persistenceEngine: 'sip' })],
      [service([], { persistenceTimeoutS: 60 })],
      ['-E -t 10.9.0.30:80 -s wrr -p 60 --pe sip'],
    ],
    [
      'one-packet scheduling',
      [service([], { id: { ...otherId, protocol: 'udp' }, onePacket: true })],
      [service([], { id: { ...otherId, protocol: 'udp' } })],
      ['-E -u 10.9.0.31:80 -s wrr -o'],
    ],
    [
      'a new server',
      [service([a, b])],
      [service([a])],
      ['-a -t 10.9.0.30:80 -r 10.9.0.3:80 -g -w 1'],
    ],
    [
      'a server that has to go',
      [service([a])],
      [service([a, b])],
      ['-d -t 10.9.0.30:80 -r 10.9.0.3:80'],
    ],
    [
      'weight',
      [service([{ ...a, weight: 3 }])],
      [service([{ ...a, weight: 7 }])],
      ['-e -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 3'],
    ],
    [
      'forwarding method',
      [service([{ ...a, forwarding: 'masq' }])],
      [service([a])],
      ['-e -t 10.9.0.30:80 -r 10.9.0.2:80 -m -w 1'],
    ],
    [
      'upper threshold',
      [service([{ ...a, upperThreshold: 100 }])],
      [service([a])],
      ['-e -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 1 -x 100 -y 0'],
    ],
    [
      'lower threshold',
      [service([{ ...a, upperThreshold: 100, lowerThreshold: 50 }])],
      [service([{ ...a, upperThreshold: 100 }])],
      ['-e -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 1 -x 100 -y 50'],
    ],
    [
      'kind of tunnel',
      [
        service([
          { ...a, forwarding: 'tunnel', tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' } },
        ]),
      ],
      [
        service([
          { ...a, forwarding: 'tunnel', tunnel: { type: 'gre', port: 0, checksum: 'nocsum' } },
        ]),
      ],
      ['-e -t 10.9.0.30:80 -r 10.9.0.2:80 -i -w 1'],
    ],
  ];
  for (const [name, wished, actual, expected] of rows) {
    it(name, () => assert.deepEqual(words(wished, actual), expected));
  }
});

describe('diff: order', () => {
  it('puts the fallback in before the last server goes out', () => {
    const fallback = destination('127.0.0.1');
    assert.deepEqual(words([service([fallback])], [service([a])]), [
      '-a -t 10.9.0.30:80 -r 127.0.0.1:80 -g -w 1',
      '-d -t 10.9.0.30:80 -r 10.9.0.2:80',
    ]);
  });
  it('raises a server before the fallback goes out', () => {
    const fallback = destination('127.0.0.1');
    assert.deepEqual(words([service([a])], [service([{ ...a, weight: 0 }, fallback])]), [
      '-e -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 1',
      '-d -t 10.9.0.30:80 -r 127.0.0.1:80',
    ]);
  });
  it('raises before it lowers', () => {
    const wished = [
      service([
        { ...a, weight: 0 },
        { ...b, weight: 1 },
      ]),
    ];
    assert.deepEqual(words(wished, [service([a, { ...b, weight: 0 }])]), [
      '-e -t 10.9.0.30:80 -r 10.9.0.3:80 -g -w 1',
      '-e -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 0',
    ]);
  });
  it('deletes services last', () => {
    assert.deepEqual(words([service([a], { id: otherId })], [service([a])]), [
      '-A -t 10.9.0.31:80 -s wrr',
      '-a -t 10.9.0.31:80 -r 10.9.0.2:80 -g -w 1',
      '-D -t 10.9.0.30:80',
    ]);
  });
});

describe('managedOnly', () => {
  it('leaves out the services of others', () => {
    const foreign = service([a], { id: otherId });
    const ours = service([b]);
    assert.deepEqual(managedOnly([foreign, ours], new Set(['tcp 10.9.0.30:80'])), [ours]);
  });
});

describe('diff: for any two tables', () => {
  const arbDestination: fc.Arbitrary<Destination> = fc.record({
    id: fc.record({
      family: fc.constant('inet' as const),
      address: fc.constantFrom('10.9.0.2', '10.9.0.3', '10.9.0.4', '127.0.0.1'),
      port: fc.constant(80),
    }),
    forwarding: fc.constantFrom('masq' as const, 'route' as const),
    weight: fc.nat(3),
    upperThreshold: fc.constantFrom(0, 100),
    lowerThreshold: fc.constant(0),
  });
  const arbService = (n: number): fc.Arbitrary<Table[number]> =>
    fc
      .record({
        scheduler: fc.constantFrom('rr', 'wrr'),
        persistenceTimeoutS: fc.constantFrom(0, 60),
        destinations: fc.uniqueArray(arbDestination, { selector: (d) => d.id.address }),
      })
      .map((changes) => service(changes.destinations, { ...changes, id: { ...otherId, port: n } }));
  const arbTable: fc.Arbitrary<Table> = fc
    .subarray([80, 81, 82])
    .chain((ports) => fc.tuple(...ports.map(arbService)));

  it('turns the one into the other, without an error and with nothing left to do', async () => {
    await fc.assert(
      fc.asyncProperty(arbTable, arbTable, async (wished, actual) => {
        const backend = new MemoryBackend(actual);
        const outcomes = await backend.apply(diff(wished, actual));
        assert.deepEqual(
          outcomes.filter(({ error }) => error),
          [],
        );
        assert.deepEqual(diff(wished, await backend.readTable()), []);
      }),
    );
  });

  it('never leaves a service without a live server that has one before and after', async () => {
    const isLive = (s: Table[number] | undefined) => s?.destinations.some((d) => d.weight > 0);
    const find = (table: Table, { id }: Service) =>
      table.find((s) => JSON.stringify(s.id) === JSON.stringify(id));
    await fc.assert(
      fc.asyncProperty(arbTable, arbTable, async (wished, actual) => {
        const backend = new MemoryBackend(actual);
        const watched = wished.filter((s) => isLive(s) && isLive(find(actual, s)));
        for (const operation of diff(wished, actual)) {
          await backend.apply([operation]);
          const table = await backend.readTable();
          for (const s of watched) assert.ok(isLive(find(table, s)), operation.kind);
        }
      }),
    );
  });
});

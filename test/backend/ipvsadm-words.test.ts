import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSavedTable } from '../../src/backend/ipvsadm-save-parser.ts';
import { operationWords, savedTableLines } from '../../src/backend/ipvsadm-words.ts';
import { sortDestinations, sortServices } from '../../src/backend/table-order.ts';
import type { Destination, Operation, Service, Table } from '../../src/ipvs-netlink/model.ts';
import { arbitraryTable } from '../support/arbitrary-table.ts';

// commands.txt was fed to ipvsadm 1.31 on Linux 6.1, saved.txt is what its -Sn printed then
const commands = fixtureLines('commands.txt');
const saved = fixtureLines('saved.txt');

const web: Service = {
  id: { family: 'inet', protocol: 'tcp', address: '10.9.0.30', port: 80 },
  scheduler: 'wrr',
  schedulerFlags: 0,
  persistenceTimeoutS: 0,
  persistenceNetmask: '255.255.255.255',
  persistenceEngine: '',
  onePacket: false,
};
const server: Destination = {
  id: { family: 'inet', address: '10.9.0.2', port: 80 },
  forwarding: 'route',
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
};

describe('operationWords', () => {
  it('says each kind of change as ipvsadm does', () => {
    const service = web.id;
    const rows: readonly (readonly [Operation, string])[] = [
      [{ kind: 'add-service', service: web }, '-A -t 10.9.0.30:80 -s wrr'],
      [{ kind: 'edit-service', service: web }, '-E -t 10.9.0.30:80 -s wrr'],
      [{ kind: 'delete-service', service }, '-D -t 10.9.0.30:80'],
      [
        { kind: 'add-destination', service, destination: server },
        '-a -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 1',
      ],
      [
        { kind: 'edit-destination', service, destination: { ...server, weight: 0 } },
        '-e -t 10.9.0.30:80 -r 10.9.0.2:80 -g -w 0',
      ],
      [
        { kind: 'delete-destination', service, destination: server.id },
        '-d -t 10.9.0.30:80 -r 10.9.0.2:80',
      ],
      [
        { kind: 'delete-service', service: { family: 'inet6', fwmark: 4294967295 } },
        '-D -f 4294967295 -6',
      ],
    ];
    for (const [operation, words] of rows) {
      assert.equal(operationWords(operation).join(' '), words);
    }
  });

  it('says the commands that built the recorded table', () => {
    const words = withThresholds(parseSavedTable(saved.join('\n'))).flatMap(
      ({ destinations, ...service }) => [
        operationWords({ kind: 'add-service', service }).join(' '),
        ...destinations.map((destination) =>
          operationWords({ kind: 'add-destination', service: service.id, destination }).join(' '),
        ),
      ],
    );
    assert.deepEqual(words.toSorted(), commands.toSorted());
  });
});

describe('savedTableLines', () => {
  it('prints the recorded table line by line', () => {
    const table = parseSavedTable(saved.join('\n'));
    assert.deepEqual(savedTableLines(table.toReversed()), saved);
  });

  it('prints nothing for an empty table', () => {
    assert.deepEqual(savedTableLines([]), []);
  });
});

describe('parseSavedTable', () => {
  it('gives back any table that was printed', () => {
    fc.assert(
      fc.property(arbitraryTable({ thresholds: false }), (table) => {
        assert.deepEqual(sorted(parseSavedTable(savedTableLines(table).join('\n'))), sorted(table));
      }),
    );
  });

  it('reads a tunnel of a release that names no type', () => {
    const [service] = parseSavedTable('-A -f 5 -s rr\n-a -f 5 -r 10.9.0.2:0 -i -w 1\n');
    assert.deepEqual(service?.destinations[0]?.tunnel, {
      type: 'ipip',
      port: 0,
      checksum: 'nocsum',
    });
  });

  it('reads a service whose flags have no name', () => {
    const [service] = parseSavedTable('-A -t 10.0.0.8:80 -s mh -b \n');
    assert.equal(service?.schedulerFlags, 0);
  });

  it('names the line that it does not understand', () => {
    const rows = [
      ['-A -t web:http -s rr', 'a service after -t, -u, --sctp-service or -f'],
      ['-A -f 0 -s rr', 'a firewall mark after -f'],
      ['-A -t 10.0.0.1:80', 'a scheduler after -s'],
      ['-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1', 'its service in a line before'],
    ];
    for (const [line, expected] of rows) {
      assert.throws(() => parseSavedTable(line ?? ''), {
        message: `ipvsadm -Sn: expected ${expected}, got "${line}"`,
      });
    }
    assert.throws(() => parseSavedTable('-A -f 5 -s rr\n-a -f 5 -r 10.0.0.2:80 -w 1'), {
      message: 'ipvsadm -Sn: expected one of -g, -m, -i, got "-a -f 5 -r 10.0.0.2:80 -w 1"',
    });
  });
});

/** The thresholds that commands.txt sets; -Sn does not print them. */
function withThresholds(table: Table): Table {
  const limits: Readonly<Record<string, readonly [number, number]>> = {
    '10.9.0.30 10.9.0.2': [100, 50],
    '10.9.0.30 10.9.0.12': [70000, 0],
    '2001:db8:1111:2222:3333:4444:5555:6666 2001:db8:1111:2222:3333:4444:5555:6667': [65535, 65534],
  };
  return table.map((service) => ({
    ...service,
    destinations: service.destinations.map((destination) => {
      const vip = 'address' in service.id ? service.id.address : '';
      const [upperThreshold, lowerThreshold] = limits[`${vip} ${destination.id.address}`] ?? [0, 0];
      return { ...destination, upperThreshold, lowerThreshold };
    }),
  }));
}

function sorted(table: Table): Table {
  return sortServices(table).map((service) => ({
    ...service,
    destinations: sortDestinations(service.destinations),
  }));
}

function fixtureLines(name: string): readonly string[] {
  const url = new URL(`../../../fixtures/ipvsadm/${name}`, import.meta.url);
  return readFileSync(url, 'utf8').split('\n').slice(0, -1);
}

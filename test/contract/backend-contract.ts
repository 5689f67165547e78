import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { IpvsBackend } from '../../src/backend/backend.ts';
import { savedTableLines } from '../../src/backend/ipvsadm-words.ts';
import type { Operation, Service, Table, Tunnel } from '../../src/ipvs-netlink/model.ts';
import { arbitraryTable } from '../support/arbitrary-table.ts';
import { buildOperations, plainTable } from './plain-table.ts';
import { present, refused } from './refused-operations.ts';
import {
  dns,
  mark,
  mark6,
  sampleTable,
  server,
  serverId,
  service,
  web,
  web6,
  webAt,
} from './sample-table.ts';

export interface BackendContract {
  /** A backend on an empty table. */
  readonly open: () => Promise<IpvsBackend>;
  /** The lines of `ipvsadm -Sn`, where there is a kernel to ask. */
  readonly savedLines?: () => Promise<readonly string[]>;
  /** How many generated tables to try. */
  readonly runs: number;
}

/** What every backend does alike; see src/backend/backend.ts. */
export function backendContract(name: string, contract: BackendContract): void {
  describe(`${name} backend`, () => {
    describe('apply and readTable', () => {
      buildingSuite(contract);
    });
    describe('edits', () => {
      editingSuite(contract);
    });
    describe('refusals', () => {
      refusalSuite(contract);
    });
  });
}

function buildingSuite(contract: BackendContract): void {
  it('starts from an empty table', async () => {
    await withBackend(contract, async (backend) => {
      assert.deepEqual(await backend.readTable(), []);
      assert.deepEqual(await backend.apply([]), []);
    });
  });

  it('makes every kind of service and server and reads it back', async () => {
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations(sampleTable));
      assert.deepEqual(plainTable(await backend.readTable()), plainTable(sampleTable));
      await assertSaved(contract, sampleTable);
    });
  });

  it('shows no traffic where there was none', async () => {
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations([{ ...service(web), destinations: [realServer] }]));
      const [entry] = await backend.readTable();
      assert.equal(entry?.stats.connections, 0n);
      assert.equal(entry.stats.inBytesPerSecond, 0n);
      const [destination] = entry.destinations;
      assert.equal(destination?.activeConnections, 0);
      assert.equal(destination.inactiveConnections, 0);
      assert.equal(destination.persistentConnections, 0);
      assert.equal(destination.stats.outPackets, 0n);
    });
  });

  it('reads in an order that does not depend on how the table was made', async () => {
    const forwards = await tableAfter(contract, buildOperations(sampleTable));
    const backwards = await tableAfter(contract, buildOperations(sampleTable.toReversed()));
    assert.deepEqual(
      backwards.map(({ id }) => id),
      forwards.map(({ id }) => id),
    );
  });

  it('makes 100 services of 10 servers in one call', async () => {
    const table = bigTable(100, 10);
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations(table));
      assert.deepEqual(plainTable(await backend.readTable()), plainTable(table));
    });
  });

  it('makes any table as it was asked for', async () => {
    const property = fc.asyncProperty(arbitraryTable(), async (table) => {
      await withBackend(contract, async (backend) => {
        await applyAll(backend, buildOperations(table));
        assert.deepEqual(plainTable(await backend.readTable()), plainTable(table));
        await assertSaved(contract, table);
      });
    });
    await fc.assert(property, { numRuns: contract.runs });
  });

  it('leaves the services of others as they are', async () => {
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations(sampleTable));
      const own = service({ family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 });
      await applyAll(backend, [
        ...buildOperations([{ ...own, destinations: [realServer] }]),
        { kind: 'edit-service', service: { ...own, scheduler: 'wlc' } },
        { kind: 'delete-destination', service: own.id, destination: realServer.id },
        { kind: 'delete-service', service: own.id },
      ]);
      assert.deepEqual(plainTable(await backend.readTable()), plainTable(sampleTable));
    });
  });

  it('can be closed twice', async () => {
    const backend = await contract.open();
    await backend.close();
    await backend.close();
  });
}

const realServer = server('10.9.0.2', 80);

function editingSuite(contract: BackendContract): void {
  it('changes every attribute of a service and back', async () => {
    const changes: readonly Partial<Service>[] = [
      { scheduler: 'wlc' },
      { scheduler: 'sh', schedulerFlags: 0x18 },
      { scheduler: 'sh', schedulerFlags: 0x10 },
      { persistenceTimeoutS: 60 },
      { persistenceTimeoutS: 60, persistenceNetmask: '255.255.255.0' },
      { persistenceTimeoutS: 120, persistenceEngine: 'sip' },
      { onePacket: true },
    ];
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations([{ ...service(dns), destinations: [realServer] }]));
      for (const change of [...changes, {}]) {
        const edited = service(dns, change);
        await applyAll(backend, [{ kind: 'edit-service', service: edited }]);
        const expected = [{ ...edited, destinations: [realServer] }];
        assert.deepEqual(plainTable(await backend.readTable()), expected);
      }
    });
  });

  it('changes every attribute of a server and back', async () => {
    const tunnels: readonly Tunnel[] = [
      { type: 'ipip', port: 0, checksum: 'nocsum' },
      { type: 'gue', port: 6080, checksum: 'nocsum' },
      { type: 'gue', port: 6081, checksum: 'remcsum' },
      { type: 'gre', port: 0, checksum: 'csum' },
    ];
    const versions = [
      server('10.9.0.2', 80, { weight: 0 }),
      server('10.9.0.2', 80, { weight: 65535 }),
      server('10.9.0.2', 80, { upperThreshold: 10, lowerThreshold: 0 }),
      server('10.9.0.2', 80, { upperThreshold: 65535, lowerThreshold: 65535 }),
      server('10.9.0.2', 80, { forwarding: 'route' }),
      ...tunnels.map((tunnel) => server('10.9.0.2', 80, { forwarding: 'tunnel', tunnel })),
    ];
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations([{ ...service(web), destinations: [realServer] }]));
      for (const destination of [...versions, realServer]) {
        await applyAll(backend, [{ kind: 'edit-destination', service: web, destination }]);
        const expected = [{ ...service(web), destinations: [destination] }];
        assert.deepEqual(plainTable(await backend.readTable()), expected);
      }
    });
  });

  it('deletes servers one by one, and services with what they have', async () => {
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations(sampleTable));
      await applyAll(backend, [
        { kind: 'delete-destination', service: web, destination: serverId('10.9.0.3', 8080) },
        { kind: 'delete-destination', service: web6, destination: serverId('fd00::2', 80) },
        { kind: 'delete-service', service: mark },
        { kind: 'delete-service', service: dns },
      ]);
      const gone = ['10.9.0.3:8080', 'fd00::2:80'];
      const expected = sampleTable
        .filter(({ id }) => id !== mark && id !== dns)
        .map((entry) => ({
          ...entry,
          destinations: entry.destinations.filter(({ id }) =>
            entry.id === web6 || entry.id === web
              ? !gone.includes(`${id.address}:${id.port}`)
              : true,
          ),
        }));
      assert.deepEqual(plainTable(await backend.readTable()), plainTable(expected));
    });
  });

  it('adds again what it deleted, in one call', async () => {
    await withBackend(contract, async (backend) => {
      const rebuild = buildOperations([{ ...service(web), destinations: [realServer] }]);
      await applyAll(backend, [
        ...rebuild,
        { kind: 'delete-destination', service: web, destination: realServer.id },
        { kind: 'add-destination', service: web, destination: { ...realServer, weight: 7 } },
        { kind: 'delete-service', service: web },
        ...rebuild,
      ]);
      const expected = [{ ...service(web), destinations: [realServer] }];
      assert.deepEqual(plainTable(await backend.readTable()), expected);
    });
  });

  it('keeps the same mark of both families apart', async () => {
    await withBackend(contract, async (backend) => {
      await applyAll(
        backend,
        buildOperations([
          { ...service(mark), destinations: [server('10.9.0.2', 0)] },
          { ...service(mark6), destinations: [server('fd00::2', 0)] },
        ]),
      );
      await applyAll(backend, [
        { kind: 'edit-service', service: service(mark6, { scheduler: 'lc' }) },
        { kind: 'delete-service', service: mark },
      ]);
      const expected = [
        { ...service(mark6, { scheduler: 'lc' }), destinations: [server('fd00::2', 0)] },
      ];
      assert.deepEqual(plainTable(await backend.readTable()), expected);
    });
  });
}

function refusalSuite(contract: BackendContract): void {
  it('refuses what the kernel refuses, in a line, and changes nothing', async () => {
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations(present));
      const outcomes = await backend.apply(Object.values(refused));
      const done = Object.keys(refused).filter((_, index) => !outcomes[index]?.error);
      assert.deepEqual(done, []);
      for (const { error } of outcomes) assert.match(error?.message ?? '', /^.{5,200}$/);
      assert.deepEqual(plainTable(await backend.readTable()), plainTable(present));
    });
  });

  it('goes on after each refusal, with outcomes in the order of the operations', async () => {
    const before: Operation = { kind: 'add-service', service: service(mark) };
    const after: Operation = { kind: 'delete-service', service: mark };
    const operations = Object.values(refused).flatMap((operation) => [before, operation, after]);
    await withBackend(contract, async (backend) => {
      await applyAll(backend, buildOperations(present));
      const outcomes = await backend.apply(operations);
      assert.deepEqual(
        outcomes.map(({ operation }) => operation),
        operations,
      );
      assert.deepEqual(
        outcomes.map(({ error }) => error instanceof Error),
        operations.map((operation) => operation !== before && operation !== after),
      );
      assert.deepEqual(plainTable(await backend.readTable()), plainTable(present));
    });
  });

  it('tells each of many outcomes by itself', async () => {
    const kinds = Array.from({ length: 60 }, (_, index) => index % 3);
    const operations = kinds.map((kind, index): Operation => {
      if (kind === 0) return { kind: 'add-service', service: service(webAt(1000 + index)) };
      if (kind === 1) return { kind: 'add-service', service: service(webAt(999 + index)) };
      return { kind: 'delete-service', service: webAt(2000 + index) };
    });
    await withBackend(contract, async (backend) => {
      const outcomes = await backend.apply(operations);
      assert.deepEqual(
        outcomes.map(({ error }) => error === undefined),
        kinds.map((kind) => kind === 0),
      );
      assert.equal((await backend.readTable()).length, 20);
    });
  });
}

function bigTable(services: number, servers: number): Table {
  return Array.from({ length: services }, (_, row) => ({
    ...service(webAt(1000 + row), { scheduler: 'wrr' }),
    destinations: Array.from({ length: servers }, (_, index) =>
      server(`10.9.${1 + (row % 200)}.${1 + index}`, 80, { weight: 1 + index }),
    ),
  }));
}

async function withBackend(
  { open }: BackendContract,
  run: (backend: IpvsBackend) => Promise<void>,
): Promise<void> {
  const backend = await open();
  try {
    await run(backend);
  } finally {
    await backend.close();
  }
}

async function tableAfter(
  contract: BackendContract,
  operations: readonly Operation[],
): Promise<Table> {
  let table: Table = [];
  await withBackend(contract, async (backend) => {
    await applyAll(backend, operations);
    table = await backend.readTable();
  });
  return table;
}

async function applyAll(backend: IpvsBackend, operations: readonly Operation[]): Promise<void> {
  const outcomes = await backend.apply(operations);
  assert.equal(outcomes.length, operations.length);
  assert.deepEqual(
    outcomes.filter(({ error }) => error !== undefined),
    [],
  );
}

/** Line by line, but for the order, which ipvsadm's own rule does not always settle. */
async function assertSaved({ savedLines }: BackendContract, table: Table): Promise<void> {
  if (savedLines === undefined) return;
  assert.deepEqual((await savedLines()).toSorted(), savedTableLines(table).toSorted());
}

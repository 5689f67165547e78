import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendError, type IpvsBackend } from '../../src/backend/backend.ts';
import { operationWords } from '../../src/backend/ipvsadm-words.ts';
import { MemoryBackend } from '../../src/backend/memory.ts';
import type { Operation, OperationOutcome, Table } from '../../src/ipvs-netlink/model.ts';
import { Reconciler, type SyncReport } from '../../src/reconcile/reconciler.ts';
import { destination, service } from '../support/builders.ts';

/** A memory kernel that notes what it was asked. */
class WatchedBackend implements IpvsBackend {
  readonly name = 'memory';
  readonly inner: MemoryBackend;
  reads = 0;
  readonly sends: string[][] = [];
  failReads = 0;

  constructor(table: Table) {
    this.inner = new MemoryBackend(table);
  }
  async readTable() {
    this.reads++;
    if (this.failReads-- > 0) throw new BackendError('gone for a moment');
    return this.inner.readTable();
  }
  async apply(operations: readonly Operation[]): Promise<readonly OperationOutcome[]> {
    this.sends.push(operations.map((operation) => operationWords(operation).join(' ')));
    return this.inner.apply(operations);
  }
  async close() {}
}

const a = destination('10.9.0.2');
const b = destination('10.9.0.3');
const foreign = service([b], {
  id: { family: 'inet', protocol: 'tcp', address: '10.9.0.99', port: 25 },
});
const ids = async (backend: WatchedBackend) =>
  (await backend.inner.readTable()).map(({ id }) => ('port' in id ? id.address : id.fwmark));

describe('Reconciler', () => {
  it('brings the kernel to the desired table in one send and leaves foreign services alone', async () => {
    const backend = new WatchedBackend([foreign]);
    const reconciler = new Reconciler(backend, () => [service([a, b])]);
    const { outcomes } = await reconciler.sync({ verify: true });
    assert.equal(outcomes.length, 3);
    assert.equal(backend.sends.length, 1);
    assert.deepEqual(await ids(backend), ['10.9.0.30', '10.9.0.99']);
  });

  it('does nothing when nothing differs', async () => {
    const backend = new WatchedBackend([service([a])]);
    const reconciler = new Reconciler(backend, () => [service([a])]);
    assert.deepEqual((await reconciler.sync({ verify: true })).outcomes, []);
    assert.deepEqual(backend.sends, []);
  });

  it('does not read the kernel for a change of health', async () => {
    const backend = new WatchedBackend([]);
    let wished = [service([a, b])];
    const reconciler = new Reconciler(backend, () => wished);
    await reconciler.sync({ verify: true });
    wished = [service([b])];
    const { cause } = await reconciler.sync({ verify: false });
    assert.equal(cause, 'change');
    assert.equal(backend.reads, 1);
    assert.deepEqual(backend.sends[1], ['-d -t 10.9.0.30:80 -r 10.9.0.2:80']);
  });

  it('repairs what somebody else changed, and says that it was drift', async () => {
    const backend = new WatchedBackend([]);
    const reconciler = new Reconciler(backend, () => [service([a, b])]);
    await reconciler.sync({ verify: true });
    await backend.inner.apply([
      { kind: 'edit-destination', service: service([]).id, destination: { ...a, weight: 9 } },
      { kind: 'delete-destination', service: service([]).id, destination: b.id },
    ]);
    const { cause, outcomes } = await reconciler.sync({ verify: true });
    assert.equal(cause, 'drift');
    assert.equal(outcomes.length, 2);
    assert.deepEqual((await reconciler.sync({ verify: true })).outcomes, []);
  });

  it('looks at the kernel and tries again when what it believed was wrong', async () => {
    const backend = new WatchedBackend([]);
    let wished = [service([a, b])];
    const reconciler = new Reconciler(backend, () => wished);
    await reconciler.sync({ verify: true });
    await backend.inner.apply([{ kind: 'delete-service', service: service([]).id }]);
    wished = [service([b])];
    const { outcomes } = await reconciler.sync({ verify: false });
    assert.ok(outcomes.every(({ error }) => !error));
    const [left] = await backend.inner.readTable();
    assert.deepEqual(
      left?.destinations.map((d) => d.id.address),
      ['10.9.0.3'],
    );
  });

  it('deletes a service that leaves the desired table, also when the first try fails', async () => {
    const backend = new WatchedBackend([foreign]);
    let wished: Table = [service([a])];
    const reconciler = new Reconciler(backend, () => wished);
    await reconciler.sync({ verify: true });
    wished = [];
    backend.failReads = 1;
    await assert.rejects(reconciler.sync({ verify: true }), BackendError);
    await reconciler.sync({ verify: true });
    assert.deepEqual(await ids(backend), ['10.9.0.99']);
  });

  it('joins calls that come while one is under way', async () => {
    const backend = new WatchedBackend([]);
    const reconciler = new Reconciler(backend, () => [service([a])]);
    const first = reconciler.sync({ verify: true });
    await Promise.resolve();
    await Promise.all([
      first,
      reconciler.sync({ verify: false }),
      reconciler.sync({ verify: true }),
      reconciler.sync({ verify: false }),
    ]);
    assert.equal(backend.reads, 2);
    assert.equal(backend.sends.length, 1);
  });

  it('hands each report over once, however many calls it was for', async () => {
    const reports: SyncReport[] = [];
    const reconciler = new Reconciler(
      new WatchedBackend([]),
      () => [service([a])],
      (report) => void reports.push(report),
    );
    await Promise.all([reconciler.sync({ verify: false }), reconciler.sync({ verify: true })]);
    assert.deepEqual(
      reports.map(({ verified, outcomes }) => [verified, outcomes.length]),
      [[true, 2]],
    );
    await reconciler.sync({ verify: false });
    assert.deepEqual([reports.length, reports[1]?.verified], [2, false]);
  });

  it('reports what the kernel refuses, and does the rest', async () => {
    const backend = new WatchedBackend([]);
    const bad = { ...b, weight: -1 };
    const reconciler = new Reconciler(backend, () => [service([a, bad])]);
    const { outcomes } = await reconciler.sync({ verify: true });
    const failed = outcomes.filter(({ error }) => error);
    assert.equal(failed.length, 1);
    const [left] = await backend.inner.readTable();
    assert.deepEqual(
      left?.destinations.map((d) => d.id.address),
      ['10.9.0.2'],
    );
  });

  it('removes services for good and passes over those that are gone', async () => {
    const backend = new WatchedBackend([foreign]);
    const reconciler = new Reconciler(backend, () => [service([a])]);
    await reconciler.sync({ verify: true });
    const gone = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 80 } as const;
    const outcomes = await reconciler.remove([service([]).id, gone], new Set());
    assert.equal(outcomes.length, 1);
    assert.deepEqual(await ids(backend), ['10.9.0.99']);
  });

  describe('with a memory', () => {
    const at = (address: string) =>
      service([a], { id: { family: 'inet', protocol: 'tcp', address, port: 80 } });
    const key = (address: string) => `tcp ${address}:80`;
    const memoryOf = (recalled: readonly string[], shared: readonly string[] = []) => {
      const remembered: (readonly string[])[] = [];
      return {
        remembered,
        recalled: new Set(recalled),
        remember: (services: ReadonlySet<string>) => void remembered.push([...services]),
        shared: (services: ReadonlySet<string>) =>
          shared.filter((one) => services.has(one)).map((one) => ({ service: one })),
      };
    };

    it('deletes what was ours before and is not wanted any more', async () => {
      const backend = new WatchedBackend([at('10.9.0.31'), foreign]);
      const memory = memoryOf([key('10.9.0.31'), key('10.9.0.30')]);
      const reconciler = new Reconciler(backend, () => [at('10.9.0.30')], undefined, memory);
      await reconciler.sync({ verify: true });
      assert.deepEqual(await ids(backend), ['10.9.0.30', '10.9.0.99']);
      assert.deepEqual(memory.remembered.at(-1), [key('10.9.0.30')]);
    });

    it('remembers a service before it is in the kernel, and until it is out of it', async () => {
      const backend = new WatchedBackend([]);
      const memory = memoryOf([]);
      let wished = [at('10.9.0.30')];
      const reconciler = new Reconciler(backend, () => wished, undefined, memory);
      const apply = backend.apply.bind(backend);
      const before: (readonly string[] | undefined)[] = [];
      backend.apply = (operations) => {
        before.push(memory.remembered.at(-1));
        return apply(operations);
      };
      await reconciler.sync({ verify: true });
      wished = [at('10.9.0.31')];
      await reconciler.sync({ verify: true });
      assert.deepEqual(before, [[key('10.9.0.30')], [key('10.9.0.31'), key('10.9.0.30')]]);
      assert.deepEqual(memory.remembered.at(-1), [key('10.9.0.31')]);
    });

    it('leaves what another one looks after as well', async () => {
      const backend = new WatchedBackend([at('10.9.0.31'), at('10.9.0.32')]);
      const shared = [key('10.9.0.31'), key('10.9.0.30')];
      const memory = memoryOf([key('10.9.0.31'), key('10.9.0.32')], shared);
      const reconciler = new Reconciler(backend, () => [at('10.9.0.30')], undefined, memory);
      await reconciler.sync({ verify: true });
      assert.deepEqual(await ids(backend), ['10.9.0.30', '10.9.0.31']);
      await reconciler.remove([at('10.9.0.30').id], new Set());
      assert.deepEqual(await ids(backend), ['10.9.0.30', '10.9.0.31']);
    });

    it('removes at the end also what it did not come to delete, but not what shall stay', async () => {
      const backend = new WatchedBackend([at('10.9.0.30'), at('10.9.0.31'), at('10.9.0.32')]);
      const memory = memoryOf([key('10.9.0.31'), key('10.9.0.32')]);
      const reconciler = new Reconciler(backend, () => [], undefined, memory);
      await reconciler.remove([at('10.9.0.30').id], new Set([key('10.9.0.32')]));
      assert.deepEqual(await ids(backend), ['10.9.0.32']);
    });

    it('deletes what is to be cleared, also when it did not put it there, and shows it as pending', async () => {
      const backend = new WatchedBackend([at('10.9.0.30'), at('10.9.0.31'), at('10.9.0.32')]);
      const memory = memoryOf([], [key('10.9.0.31')]);
      const cleared = () => new Set([key('10.9.0.30'), key('10.9.0.31')]);
      const reconciler = new Reconciler(backend, () => [], undefined, memory, cleared);
      const pending = reconciler.pending(await backend.readTable());
      assert.deepEqual(pending[0], { kind: 'delete-service', service: at('10.9.0.30').id });
      await reconciler.sync({ verify: true });
      assert.deepEqual(await ids(backend), ['10.9.0.31', '10.9.0.32']);
    });
  });
});

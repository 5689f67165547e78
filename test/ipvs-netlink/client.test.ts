import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  IpvsClient,
  NetlinkError,
  type Operation,
  serviceKey,
} from '../../src/ipvs-netlink/index.ts';
import { u32 } from '../support/netlink/fake-attributes.ts';
import { FakeKernel } from '../support/netlink/fake-kernel.ts';
import { message, TYPE } from '../support/netlink/fake-messages.ts';
import { Errno } from '../support/netlink/fake-table.ts';
import { destination, destinationId, service, TCP4, UDP6 } from '../support/netlink/samples.ts';

const TIMEOUT_MS = 100;

async function start(prepare: (kernel: FakeKernel) => void = () => {}) {
  const kernel = new FakeKernel();
  prepare(kernel);
  const client = await IpvsClient.open({ openSocket: kernel.openSocket, timeoutMs: TIMEOUT_MS });
  kernel.sent.length = 0;
  return { kernel, client };
}

function adds(count: number): readonly Operation[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'add-service',
    service: service({ ...TCP4, port: index + 1 }),
  }));
}

async function codes(client: IpvsClient, operations: readonly Operation[]) {
  const outcomes = await client.apply(operations);
  assert.deepEqual(
    outcomes.map(({ operation }) => operation),
    operations,
  );
  return outcomes.map(({ error }) => {
    if (error === undefined) return 'done';
    assert.ok(error instanceof NetlinkError);
    return error.outcomeUnknown ? `${error.code}?` : error.code;
  });
}

describe('IpvsClient.open', () => {
  it('says when the kernel has no IPVS', async () => {
    const kernel = new FakeKernel();
    kernel.hasIpvs = false;
    await assert.rejects(IpvsClient.open({ openSocket: kernel.openSocket }), {
      name: 'NetlinkError',
      code: 'ENOENT',
      message:
        'open IPVS: the kernel has no IPVS (expected the module ip_vs to be loaded) (ENOENT)',
    });
    assert.equal(kernel.openSockets, 0);
  });

  it('says when it may not administer IPVS', async () => {
    const kernel = new FakeKernel();
    kernel.permitted = false;
    await assert.rejects(IpvsClient.open({ openSocket: kernel.openSocket }), {
      code: 'EPERM',
      message: 'read info: no permission to administer IPVS (expected CAP_NET_ADMIN) (EPERM)',
    });
    assert.equal(kernel.openSockets, 0);
  });

  it('passes on why no socket can be opened', async () => {
    const refusal = new NetlinkError({ operation: 'open netlink socket', code: 'EAFNOSUPPORT' });
    const openSocket = () => Promise.reject(refusal);
    await assert.rejects(IpvsClient.open({ openSocket }), refusal);
  });
});

describe('IpvsClient.apply', () => {
  it('sends at most 64 operations at once and acknowledges each send once', async () => {
    const { kernel, client } = await start();
    assert.deepEqual(new Set(await codes(client, adds(150))), new Set(['done']));
    assert.deepEqual(
      kernel.sent.map(({ messages }) => messages),
      [64, 64, 22],
    );
    assert.equal(kernel.table.services.size, 150);
  });

  it('does nothing for no operations', async () => {
    const { kernel, client } = await start();
    assert.deepEqual(await client.apply([]), []);
    assert.deepEqual(kernel.sent, []);
  });

  it('reports each failure at its operation and carries out the others', async () => {
    const { client } = await start();
    const operations = adds(130);
    await codes(client, operations.slice(5, 7));
    const expected = operations.map((_, index) => (index === 5 || index === 6 ? 'EEXIST' : 'done'));
    assert.deepEqual(await codes(client, operations), expected);
    const all = await codes(client, operations);
    assert.deepEqual(new Set(all), new Set(['EEXIST']), 'also at the last of a send');
  });

  it('does not send what cannot be expressed, and sends the rest', async () => {
    const { kernel, client } = await start();
    const bad: Operation[] = [
      { kind: 'add-service', service: service({ ...TCP4, port: 65536 }) },
      { kind: 'add-service', service: service({ ...TCP4, address: 'fd00::1' }) },
      { kind: 'add-service', service: service({ family: 'inet', fwmark: 0 }) },
      { kind: 'add-service', service: service(TCP4, { schedulerFlags: 1 }) },
      { kind: 'add-service', service: service(TCP4, { scheduler: 'a'.repeat(16) }) },
      { kind: 'add-service', service: service(UDP6, { persistenceNetmask: '255.255.255.0' }) },
      { kind: 'add-destination', service: TCP4, destination: destination('nowhere') },
    ];
    const [first, ...rest] = adds(3);
    assert.ok(first !== undefined);
    assert.deepEqual(await codes(client, [first, ...bad, ...rest]), [
      'done',
      ...bad.map(() => 'EINVAL'),
      'done',
      'done',
    ]);
    assert.equal(kernel.table.services.size, 3);
    const [outcome] = await client.apply(bad);
    assert.match(
      outcome?.error?.message ?? '',
      /^add-service tcp 10\.0\.0\.1:65536: IPVS_CMD_ATTR_SERVICE\.IPVS_SVC_ATTR_PORT: .*\(EINVAL\)$/,
    );
  });

  it('passes on the sentence of the kernel and the place', async () => {
    const { client } = await start((kernel) => {
      kernel.explains = true;
    });
    const [outcome] = await client.apply([{ kind: 'delete-service', service: TCP4 }]);
    assert.equal(
      outcome?.error?.message,
      'delete-service tcp 10.0.0.1:80: the kernel has no such service [kernel: "ESRCH", at byte 20 of the request] (ESRCH)',
    );
  });

  it('claims nothing done when all answers are lost', async () => {
    const { kernel, client } = await start();
    kernel.faults.push({ kind: 'lose', from: 0 });
    assert.deepEqual(await codes(client, adds(3)), ['ENOBUFS?', 'ENOBUFS?', 'ENOBUFS?']);
    assert.equal(kernel.table.services.size, 3, 'though the kernel did them');
    assert.equal((await client.table()).length, 3, 'and the client goes on');
  });

  it('keeps the answers that arrived before and after a loss', async () => {
    const { kernel, client } = await start();
    const operations = adds(4);
    await client.apply([...operations.slice(0, 1), ...operations.slice(2, 3)]);
    // answers: an error for 0, an error for 2 (dropped), an acknowledgement for 3
    kernel.faults.push({ kind: 'lose', from: 1, until: 2 });
    assert.deepEqual(await codes(client, operations), ['EEXIST', 'ENOBUFS?', 'ENOBUFS?', 'done']);
  });

  it('takes a truncated answer for a lost one', async () => {
    const { kernel, client } = await start();
    kernel.faults.push({ kind: 'truncate', at: 0 });
    assert.deepEqual(await codes(client, adds(2)), ['EIO?', 'EIO?']);
  });

  it('takes an answer that it cannot read for a lost one', async () => {
    const { kernel, client } = await start();
    kernel.faults.push({ kind: 'replace', at: 0, by: Buffer.from('00112233445566778899', 'hex') });
    assert.deepEqual(await codes(client, adds(2)), ['EBADMSG?', 'EBADMSG?']);
  });

  it('takes NLMSG_OVERRUN for a loss', async () => {
    const { kernel, client } = await start();
    const overrun = message(TYPE.overrun, 0, 0, Buffer.alloc(0));
    kernel.faults.push({ kind: 'replace', at: 0, by: overrun });
    assert.deepEqual(await codes(client, adds(2)), ['ENOBUFS?', 'ENOBUFS?']);
  });

  it('gives up on a silent kernel, and does not send what is left', async () => {
    const { kernel, client } = await start();
    kernel.faults.push(undefined, { kind: 'silence' });
    const outcome = await codes(client, adds(150));
    assert.deepEqual(outcome, [
      ...Array.from({ length: 64 }, () => 'done'),
      ...Array.from({ length: 64 }, () => 'ETIMEDOUT?'),
      ...Array.from({ length: 22 }, () => 'ECANCELED'),
    ]);
    assert.equal(kernel.table.services.size, 128);
  });

  it('survives a socket that dies, with the next one', async () => {
    const { kernel, client } = await start();
    kernel.faults.push({ kind: 'die', code: 'EBADF' });
    assert.deepEqual(await codes(client, adds(2)), ['EBADF?', 'EBADF?']);
    assert.deepEqual(await codes(client, adds(2)), ['EEXIST', 'EEXIST']);
    assert.equal(kernel.socketsOpened, 2);
    await client.close();
    assert.equal(kernel.openSockets, 0);
  });

  it('says so when the kernel does not take the message', async () => {
    const { kernel, client } = await start();
    kernel.faults.push({ kind: 'refuse', code: 'EMSGSIZE' });
    assert.deepEqual(await codes(client, adds(1)), ['EMSGSIZE?']);
  });
});

describe('IpvsClient.table', () => {
  it('puts dumps of many parts together', async () => {
    const { client } = await start();
    await client.apply(adds(10));
    const more = Array.from({ length: 7 }, (_, index) => destination(`10.1.0.${index + 1}`));
    await client.apply(
      more.map((added) => ({
        kind: 'add-destination',
        service: { ...TCP4, port: 4 },
        destination: added,
      })),
    );
    const table = await client.table();
    assert.equal(table.length, 10);
    assert.deepEqual(
      table.map(({ destinations }) => destinations.length).filter((length) => length > 0),
      [7],
    );
  });

  it('leaves out a service that vanishes between the dumps', async () => {
    const { kernel, client } = await start();
    await client.apply(adds(3));
    let gone = false;
    kernel.onCommand = (command) => {
      if (command !== 8 || gone) return;
      gone = true;
      const last = [...kernel.table.services.keys()].at(-1) ?? '';
      kernel.table.services.delete(last);
    };
    const table = await client.table();
    assert.deepEqual(
      table.map(({ id }) => serviceKey(id)),
      ['tcp 10.0.0.1:1', 'tcp 10.0.0.1:2'],
    );
  });

  it('leaves it out too where the kernel refuses the dump', async () => {
    const { kernel, client } = await start();
    await client.apply(adds(2));
    kernel.onCommand = (command) => {
      if (command !== 8) return;
      kernel.table.services.clear();
      throw new Errno('ESRCH');
    };
    assert.deepEqual(await client.table(), []);
  });

  it('asks again when the table changed during the dump, or a part was lost', async () => {
    const { kernel, client } = await start();
    await client.apply(adds(5));
    kernel.faults.push({ kind: 'interrupt' }, { kind: 'lose', from: 1 });
    kernel.faults.push({ kind: 'truncate', at: 0 }, { kind: 'lose', from: 1, until: 2 });
    assert.equal((await client.services()).length, 5);
    assert.equal(kernel.sent.filter(({ messages }) => messages === 1).length, 5);
  });

  it('gives up when it never holds still', async () => {
    const { kernel, client } = await start();
    await client.apply(adds(1));
    for (let n = 0; n < 5; n++) kernel.faults.push({ kind: 'interrupt' });
    await assert.rejects(client.services(), { code: 'EINTR' });
    assert.equal((await client.services()).length, 1);
  });

  it('does not hang on a silent kernel', async () => {
    const { kernel, client } = await start();
    kernel.faults.push({ kind: 'silence' });
    await assert.rejects(client.table(), { code: 'ETIMEDOUT', outcomeUnknown: true });
    assert.deepEqual(await client.table(), []);
  });

  it('does not take a dump that the kernel ends with an error for a whole one', async () => {
    const { kernel, client } = await start();
    // sequence numbers: 1 for the family, 2 for the info, 3 for this dump
    kernel.faults.push({ kind: 'replace', at: 0, by: message(TYPE.done, 2, 3, u32(-90)) });
    await assert.rejects(client.services(), { code: 'EMSGSIZE' });
  });

  it('reads counters of 64 bits, and of 32 where the kernel has no others', async () => {
    for (const stats64 of [true, false]) {
      const { kernel, client } = await start();
      await client.apply(adds(1));
      kernel.table.stats64 = stats64;
      kernel.table.counter = 2n ** 40n + 5n;
      const [entry] = await client.services();
      assert.equal(entry?.stats.inBytes, 2n ** 40n + 5n);
      assert.equal(entry?.stats.connections, stats64 ? 2n ** 40n + 5n : 5n);
      await client.zero();
      assert.equal((await client.services())[0]?.stats.inBytes, 0n);
    }
  });
});

describe('IpvsClient', () => {
  it('carries out overlapping calls one after the other', async () => {
    const { client } = await start();
    const results = await Promise.all([
      client.apply(adds(70)),
      client.services(),
      client.apply([{ kind: 'delete-service', service: { ...TCP4, port: 1 } }]),
      client.services(),
    ]);
    assert.equal(results[1].length, 70);
    assert.equal(results[3].length, 69);
  });

  it('stops a daemon that never ran, to which the kernel gives no answer', async () => {
    const { kernel, client } = await start();
    await client.startDaemon({ role: 'backup', interface: 'lo', syncId: 1, group: 'ff02::81' });
    assert.equal((await client.daemons())[0]?.group, 'ff02::81');
    kernel.onCommand = (command) => {
      if (command !== 10) return;
      kernel.table.daemons.clear();
      throw new Errno('EINTR');
    };
    await client.stopDaemon('backup');
    assert.deepEqual(await client.daemons(), []);
  });

  it('refuses to work after close, which may be called twice', async () => {
    const { kernel, client } = await start();
    await client.close();
    await client.close();
    await assert.rejects(client.table(), { code: 'ECANCELED' });
    assert.equal(kernel.openSockets, 0);
  });

  it('reports a destination without a family as one of the family of its service', async () => {
    const { client } = await start();
    await client.apply([
      { kind: 'add-service', service: service(UDP6) },
      { kind: 'add-destination', service: UDP6, destination: destination('fd00::9') },
    ]);
    assert.deepEqual(
      (await client.destinations(UDP6)).map(({ id }) => id),
      [destinationId('fd00::9')],
    );
  });
});

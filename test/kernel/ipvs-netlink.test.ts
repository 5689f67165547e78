import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import {
  destinationKey,
  IpvsClient,
  NetlinkError,
  type Operation,
  serviceKey,
} from '../../src/ipvs-netlink/index.ts';
import { readRecording } from '../support/netlink/conversation.ts';
import {
  destination,
  destinationId,
  MARK4,
  service,
  TCP4,
  UDP6,
} from '../support/netlink/samples.ts';
import { runScenario } from '../support/netlink/scenario.ts';

const INDEX = fileURLToPath(new URL('../../src/ipvs-netlink/index.js', import.meta.url));

describe('IpvsClient on a real kernel', () => {
  let client: IpvsClient;
  beforeEach(async () => {
    client = await IpvsClient.open();
  });
  afterEach(async () => {
    await client.flush();
    await client.close();
  });

  it('gives what was recorded', async () => {
    assert.deepEqual(await runScenario(client), readRecording().results);
  });

  it('writes what ipvsadm reads', async () => {
    await done(client, TABLE);
    assert.deepEqual(await savedRules(), RULES);
    const { stdout } = await execa('ipvsadm', ['-Ln', '--thresholds']);
    assert.match(stdout, /^ *-> 10\.0\.0\.4:80 +10 +5 /m);
  });

  it('reads what ipvsadm writes', async () => {
    await done(client, TABLE);
    const written = comparable(await client.table());
    await client.flush();
    const rules = RULES.map((rule) => rule.replace('-i -w 1', '-i -w 1 -x 10 -y 5'));
    await execa('ipvsadm', ['-R'], { input: `${rules.join('\n')}\n` });
    assert.deepEqual(comparable(await client.table()), written);
  });

  it('loads 1,000 services with 10 servers each, and reads them back', async () => {
    const operations = largeTable(1000, 10);
    await done(client, operations);
    const table = await client.table();
    assert.equal(table.length, 1000);
    for (const { destinations } of table) assert.equal(destinations.length, 10);
    const again = await client.apply(operations);
    assert.equal(again.length, 11_000);
    for (const { error } of again) assert.ok(isNetlinkError(error) && error.code === 'EEXIST');
    assert.equal((await savedRules()).length, 11_000);
  });

  it('reads on while others change the table', async () => {
    const other = await IpvsClient.open();
    await done(client, largeTable(20, 3));
    const churn = largeTable(60, 1).slice(80);
    const deletes = churn.flatMap((operation): readonly Operation[] =>
      operation.kind === 'add-service'
        ? [{ kind: 'delete-service', service: operation.service.id }]
        : [],
    );
    for (let round = 0; round < 10; round++) {
      const [table] = await Promise.all([client.table(), done(other, [...churn, ...deletes])]);
      const keys = table.map(({ id }) => serviceKey(id));
      assert.equal(new Set(keys).size, keys.length);
    }
    await other.close();
    assert.equal((await client.table()).length, 20);
  });

  it('reads 1,000 services without destinations, each of which it looks up again', async () => {
    await done(client, largeTable(1000, 0));
    const table = await client.table();
    assert.equal(table.length, 1000);
    await assert.rejects(client.destinations({ ...TCP4, port: 81 }), { code: 'ESRCH' });
  });

  it('zeroes counters and sets timeouts, as ipvsadm sees them', async () => {
    await client.setTimeouts({ tcpS: 1000 });
    const { stdout } = await execa('ipvsadm', ['-l', '--timeout']);
    assert.equal(stdout, 'Timeout (tcp tcpfin udp): 1000 120 300');
    await client.setTimeouts({ tcpS: 900 });
    await client.zero();
  });

  it('starts and stops the daemon that ipvsadm shows', async () => {
    await client.startDaemon({ role: 'master', interface: 'lo', syncId: 7 });
    const { stdout } = await execa('ipvsadm', ['-l', '--daemon']);
    assert.match(stdout, /^master sync daemon \(mcast=lo, syncid=7,/);
    await client.stopDaemon('master');
    assert.deepEqual(await client.daemons(), []);
  });

  it('says that it lacks the permission', async () => {
    const { stdout } = await runScript(
      ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'],
      'await IpvsClient.open().catch((error) => console.log(error.message));',
    );
    assert.equal(
      stdout,
      'read info: no permission to administer IPVS (expected CAP_NET_ADMIN) (EPERM)',
    );
  });

  it('does not keep a process alive that has nothing else to do', async () => {
    const { stdout } = await runScript(
      [],
      'const client = await IpvsClient.open(); console.log((await client.info()).version);',
    );
    assert.match(stdout, /^\d+\.\d+\.\d+$/);
  });
});

const TABLE: readonly Operation[] = [
  { kind: 'add-service', service: service(TCP4, { persistenceTimeoutS: 60 }) },
  add(TCP4, destination('10.0.0.2', { weight: 3 })),
  add(TCP4, destination('10.0.0.3', { forwarding: 'masq', port: 8080 })),
  add(TCP4, {
    ...destination('10.0.0.4', { upperThreshold: 10, lowerThreshold: 5 }),
    forwarding: 'tunnel',
    tunnel: { type: 'gue', port: 6080, checksum: 'csum' },
  }),
  { kind: 'add-service', service: service(UDP6, { onePacket: true, scheduler: 'rr' }) },
  add(UDP6, destination('fd00::2', { port: 53 })),
  { kind: 'add-service', service: service(MARK4, { scheduler: 'sh', schedulerFlags: 0x18 }) },
  add(MARK4, { ...destination('10.0.0.5'), id: destinationId('10.0.0.5', 0) }),
  {
    kind: 'add-service',
    service: service(
      { family: 'inet6', fwmark: 9 },
      { persistenceTimeoutS: 9, persistenceNetmask: '64' },
    ),
  },
];

/** The same as `ipvsadm -Sn` prints it, sorted; it leaves thresholds out. */
const RULES = [
  '-A -f 7 -s sh -b sh-fallback,sh-port',
  '-A -f 9 -6 -s wrr -p 9 -M 64',
  '-A -t 10.0.0.1:80 -s wrr -p 60',
  '-A -u [fd00::1]:53 -s rr -o',
  '-a -f 7 -r 10.0.0.5:0 -g -w 1',
  '-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 3',
  '-a -t 10.0.0.1:80 -r 10.0.0.3:8080 -m -w 1',
  '-a -t 10.0.0.1:80 -r 10.0.0.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum',
  '-a -u [fd00::1]:53 -r [fd00::2]:53 -g -w 1',
];

function add(id: Parameters<typeof service>[0], added: ReturnType<typeof destination>): Operation {
  return { kind: 'add-destination', service: id, destination: added };
}

function bigService(index: number) {
  const address = `10.${Math.floor(index / 250)}.${index % 250}.1`;
  return service({ family: 'inet', protocol: 'tcp', address, port: 80 });
}

function largeTable(services: number, destinations: number): readonly Operation[] {
  return Array.from({ length: services }, (_, index) => bigService(index)).flatMap(
    (added, index) => [
      { kind: 'add-service' as const, service: added },
      ...Array.from({ length: destinations }, (_, other) =>
        add(added.id, destination(`10.20.${index % 250}.${other + 1}`)),
      ),
    ],
  );
}

async function done(client: IpvsClient, operations: readonly Operation[]): Promise<void> {
  for (const { error } of await client.apply(operations)) if (error !== undefined) throw error;
}

async function savedRules(): Promise<readonly string[]> {
  const { stdout } = await execa('ipvsadm', ['-Sn']);
  return stdout.split('\n').sort(byText);
}

function comparable(table: Awaited<ReturnType<IpvsClient['table']>>) {
  return table
    .map((entry) => ({
      ...entry,
      key: serviceKey(entry.id),
      destinations: entry.destinations
        .map((one) => ({ ...one, key: destinationKey(one.id) }))
        .sort((a, b) => byText(a.key, b.key)),
    }))
    .sort((a, b) => byText(a.key, b.key));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function isNetlinkError(error: unknown): error is NetlinkError {
  return error instanceof NetlinkError;
}

function runScript(prefix: readonly string[], body: string) {
  const script = `import { IpvsClient } from ${JSON.stringify(INDEX)}; ${body}`;
  const argv = [...prefix, process.execPath, '--input-type=module', '-e', script];
  const [command = '', ...rest] = argv;
  return execa(command, rest, { timeout: 30_000 });
}

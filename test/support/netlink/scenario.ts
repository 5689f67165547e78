import {
  destinationKey,
  type IpvsClient,
  NetlinkError,
  type Operation,
  type Service,
  type ServiceEntry,
  type ServiceId,
  serviceKey,
} from '../../../src/ipvs-netlink/index.ts';
import { destination, destinationId, MARK4, MARK6, service, TCP4, UDP6 } from './samples.ts';

/** What one step gave: JSON, so that it can stand in a fixture. */
export interface StepResult {
  readonly step: string;
  readonly result: unknown;
}

/**
 * Everything a client can do, once, with its errors. One scenario for three kernels: it was
 * recorded on a real one (fixtures/netlink), unit tests replay the record and hold the fake kernel
 * against it, and the kernel tier holds the real kernel of the day against it.
 *
 * Starts on an empty table in a network namespace where "lo" is up, and leaves it empty.
 */
export async function runScenario(client: IpvsClient): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const [step, run] of Object.entries(STEPS)) {
    results.push({ step, result: toJson(await run(client)) });
  }
  return results;
}

type Step = (client: IpvsClient) => Promise<unknown>;

const STEPS: Readonly<Record<string, Step>> = {
  'an empty table': table,
  'version of IPVS': async (client) => (await client.info()).version,
  'default timeouts': (client) => client.timeouts(),
  'change one timeout': async (client) => {
    await client.setTimeouts({ tcpFinS: 60 });
    return client.timeouts();
  },
  'change the others': async (client) => {
    await client.setTimeouts({ tcpS: 1000, udpS: 30, tcpFinS: 120 });
    return client.timeouts();
  },
  'add services of every kind': (client) => apply(client, addAll(SERVICES)),
  'they stand in the table': table,
  'add them again': (client) => apply(client, addAll(SERVICES)),
  'add what the kernel refuses': (client) => apply(client, addAll(BAD_SERVICES)),
  'edit services': (client) => apply(client, SERVICE_EDITS),
  'the edits stand in the table': table,
  'add destinations of every kind': (client) => apply(client, DESTINATIONS),
  'the destinations stand in the table': table,
  'add the destinations again': (client) => apply(client, DESTINATIONS),
  'destinations that the kernel refuses': (client) => apply(client, BAD_DESTINATIONS),
  'edit destinations': (client) => apply(client, DESTINATION_EDITS),
  'destinations of one service': async (client) =>
    (await client.destinations(TCP4))
      .map(({ id, weight }) => `${destinationKey(id)} ${weight}`)
      .sort(),
  'destinations of no service': (client) => failure(client.destinations({ ...TCP4, port: 9999 })),
  'services alone': async (client) =>
    (await client.services()).map(({ id }) => serviceKey(id)).sort(),
  'one failure in the middle': (client) => apply(client, MIXED),
  'zero one and all': async (client) => {
    await client.zero(TCP4);
    await client.zero();
    return failure(client.zero({ ...TCP4, port: 9999 }));
  },
  'no daemons': (client) => client.daemons(),
  'daemons with mixed families': (client) =>
    failure(client.startDaemon({ role: 'master', interface: 'lo', syncId: 1 })),
  'take the mixed family away': (client) =>
    apply(client, [
      { kind: 'delete-destination', service: TCP4, destination: destinationId('fd00::10') },
    ]),
  'a daemon on no interface': (client) =>
    failure(client.startDaemon({ role: 'master', interface: 'nonesuch', syncId: 1 })),
  'a master with defaults': async (client) => {
    await client.startDaemon({ role: 'master', interface: 'lo', syncId: 1 });
    return client.daemons();
  },
  'a second master': (client) =>
    failure(client.startDaemon({ role: 'master', interface: 'lo', syncId: 2 })),
  'a backup with everything set': async (client) => {
    await client.startDaemon({
      role: 'backup',
      interface: 'lo',
      syncId: 255,
      maxLength: 1400,
      group: '239.1.2.3',
      port: 9000,
      ttl: 3,
    });
    return client.daemons();
  },
  'stop them': async (client) => {
    await client.stopDaemon('master');
    await client.stopDaemon('backup');
    return client.daemons();
  },
  'stop one that does not run': (client) => failure(client.stopDaemon('master')),
  'a group that is no multicast': (client) =>
    failure(client.startDaemon({ role: 'backup', interface: 'lo', syncId: 1, group: '10.0.0.1' })),
  'delete destinations and services': (client) => apply(client, DELETES),
  'what is left': table,
  flush: async (client) => {
    await client.flush();
    return table(client);
  },
  'restore the timeouts': (client) => client.setTimeouts({ tcpS: 900, tcpFinS: 120, udpS: 300 }),
};

const SCTP4: ServiceId = { family: 'inet', protocol: 'sctp', address: '10.0.0.1', port: 80 };
const ANY4: ServiceId = { family: 'inet', protocol: 'tcp', address: '10.0.0.2', port: 0 };
const SIP4: ServiceId = { family: 'inet', protocol: 'udp', address: '10.0.0.3', port: 5060 };
const TCP6: ServiceId = { family: 'inet6', protocol: 'tcp', address: '2001:db8::80:1', port: 443 };

const SERVICES: readonly Service[] = [
  service(TCP4),
  service(SCTP4, { scheduler: 'rr' }),
  service(ANY4, { persistenceTimeoutS: 360, persistenceNetmask: '255.255.255.0' }),
  service(SIP4, { scheduler: 'sh', persistenceTimeoutS: 30, persistenceEngine: 'sip' }),
  service(UDP6, { onePacket: true, scheduler: 'lc' }),
  service(TCP6, { persistenceTimeoutS: 1, persistenceNetmask: '64', scheduler: 'wlc' }),
  service(MARK4, { scheduler: 'mh', schedulerFlags: 0x18 }),
  service(MARK6, { scheduler: 'sed', persistenceTimeoutS: 86400 }),
];

const BAD_SERVICES: readonly Service[] = [
  service({ ...TCP4, port: 81 }, { scheduler: 'nonesuch' }),
  service({ ...TCP4, port: 81 }, { persistenceEngine: 'nonesuch' }),
];

const SERVICE_EDITS: readonly Operation[] = [
  { kind: 'edit-service', service: service(TCP4, { scheduler: 'wlc', persistenceTimeoutS: 5 }) },
  { kind: 'edit-service', service: service(UDP6, { scheduler: 'lc' }) },
  { kind: 'edit-service', service: service(MARK4, { scheduler: 'mh', schedulerFlags: 0x20 }) },
  { kind: 'edit-service', service: service({ ...TCP4, port: 9999 }) },
  { kind: 'edit-service', service: service(TCP4, { scheduler: 'nonesuch' }) },
];

const GUE = { type: 'gue', port: 6080, checksum: 'csum' } as const;

const DESTINATIONS: readonly Operation[] = [
  add(TCP4, destination('10.0.1.1', { weight: 3, upperThreshold: 100, lowerThreshold: 50 })),
  add(TCP4, destination('10.0.1.1', { port: 8080, forwarding: 'masq' })),
  add(TCP4, destination('10.0.1.2', { weight: 0 })),
  add(TCP4, destination('10.0.1.3', { weight: 65535, ...tunnel('ipip', 0, 'nocsum') })),
  add(TCP4, destination('10.0.1.4', { forwarding: 'tunnel', tunnel: GUE })),
  add(TCP4, destination('10.0.1.5', tunnel('gre', 0, 'csum'))),
  add(TCP4, destination('10.0.1.6', tunnel('gue', 5555, 'remcsum'))),
  add(TCP4, destination('127.0.0.1', { forwarding: 'local' })),
  add(TCP4, destination('fd00::10', tunnel('ipip', 0, 'nocsum'))),
  add(UDP6, destination('fd00::2', { port: 53, forwarding: 'masq' })),
  add(UDP6, destination('fd00::3', { port: 53 })),
  add(MARK4, destination('10.0.2.1', { port: 0 })),
  add(MARK6, destination('2001:db8::a:b', { port: 0, ...tunnel('gre', 0, 'nocsum') })),
  add(ANY4, destination('10.0.3.1', { port: 0 })),
];

const BAD_DESTINATIONS: readonly Operation[] = [
  add(TCP4, destination('224.0.0.1')),
  add(TCP4, destination('10.0.4.1', { upperThreshold: 1, lowerThreshold: 2 })),
  add(TCP4, destination('10.0.4.1', tunnel('gue', 0, 'nocsum'))),
  add(TCP4, destination('fd00::11')),
  add(UDP6, destination('10.0.4.1', { forwarding: 'masq' })),
  add({ ...TCP4, port: 9999 }, destination('10.0.4.1')),
  edit(TCP4, destination('10.0.4.1')),
  edit({ ...TCP4, port: 9999 }, destination('10.0.4.1')),
  { kind: 'delete-destination', service: TCP4, destination: destinationId('10.0.4.1') },
  { kind: 'delete-destination', service: MARK4, destination: destinationId('10.0.4.1') },
  { kind: 'delete-service', service: { ...TCP4, port: 9999 } },
  { kind: 'delete-service', service: { ...MARK4, fwmark: 8 } },
];

const DESTINATION_EDITS: readonly Operation[] = [
  edit(TCP4, destination('10.0.1.1', { weight: 0 })),
  edit(TCP4, destination('10.0.1.4', { weight: 2 })),
  edit(TCP4, destination('10.0.1.2', { weight: 9, forwarding: 'tunnel', tunnel: GUE })),
  edit(MARK6, destination('2001:db8::a:b', { port: 0, weight: 4, forwarding: 'masq' })),
];

const MIXED: readonly Operation[] = [
  add(TCP4, destination('10.0.5.1')),
  add(TCP4, destination('10.0.5.1')),
  add(TCP4, destination('10.0.5.2')),
];

const DELETES: readonly Operation[] = [
  { kind: 'delete-destination', service: TCP4, destination: destinationId('10.0.1.1') },
  { kind: 'delete-destination', service: UDP6, destination: destinationId('fd00::3', 53) },
  { kind: 'delete-service', service: MARK4 },
  { kind: 'delete-service', service: MARK6 },
  { kind: 'delete-service', service: ANY4 },
  { kind: 'delete-service', service: TCP6 },
];

function add(id: ServiceId, added: ReturnType<typeof destination>): Operation {
  return { kind: 'add-destination', service: id, destination: added };
}

function edit(id: ServiceId, edited: ReturnType<typeof destination>): Operation {
  return { kind: 'edit-destination', service: id, destination: edited };
}

function addAll(services: readonly Service[]): readonly Operation[] {
  return services.map((added) => ({ kind: 'add-service', service: added }));
}

function tunnel(
  type: 'ipip' | 'gue' | 'gre',
  port: number,
  checksum: 'nocsum' | 'csum' | 'remcsum',
) {
  return { forwarding: 'tunnel', tunnel: { type, port, checksum } } as const;
}

/** One word per operation: "done", or the code and the words of its error. */
async function apply(client: IpvsClient, operations: readonly Operation[]): Promise<unknown> {
  const outcomes = await client.apply(operations);
  return outcomes.map(({ error }) => error?.message ?? 'done');
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof NetlinkError) return error.message;
    throw error;
  }
  return 'done';
}

/** The whole table in an order of our own: the kernel's follows from its hash. */
async function table(client: IpvsClient): Promise<readonly ServiceEntry[]> {
  const services = await client.table();
  return services
    .map((entry) => ({
      ...entry,
      destinations: [...entry.destinations].sort(by(({ id }) => destinationKey(id))),
    }))
    .sort(by(({ id }) => serviceKey(id)));
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : 1);
}

/** Counters are bigint, which JSON does not have; all of them are 0 here. */
function toJson(value: unknown): unknown {
  if (value === undefined) return null;
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)),
  );
}

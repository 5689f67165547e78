import { constants } from 'node:os';
import { type Attributes, attribute, nest, text, u8, u16, u32, u64 } from './fake-attributes.ts';

/** Ends a command as the kernel would. */
export class Errno extends Error {
  readonly errno: number;

  constructor(name: keyof typeof constants.errno) {
    super(name);
    this.errno = constants.errno[name];
  }
}

interface FakeDestination {
  readonly family: number;
  readonly address: Buffer;
  readonly port: Buffer;
  readonly settings: DestinationSettings;
}

interface DestinationSettings {
  readonly forwarding: number;
  readonly weight: number;
  readonly upper: number;
  readonly lower: number;
  readonly tunnelType: number;
  readonly tunnelPort: Buffer;
  readonly tunnelFlags: number;
}

interface FakeService {
  readonly family: number;
  readonly fwmark: number;
  readonly protocol: Buffer;
  readonly address: Buffer;
  readonly port: Buffer;
  scheduler: string;
  engine: string;
  flags: number;
  timeoutS: number;
  netmask: Buffer;
  readonly destinations: Map<string, FakeDestination>;
}

interface FakeDaemon {
  readonly state: number;
  readonly parts: readonly Buffer[];
}

const SCHEDULERS = 'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh'.split(' ');
const AF_INET6 = 10;
const F_HASHED = 2;
const FWD_TUNNEL = 2;
const TUNNEL_GUE = 1;

/** State and rules of ip_vs_ctl.c as far as generic netlink shows them. */
export class FakeTable {
  readonly services = new Map<string, FakeService>();
  readonly daemons = new Map<number, FakeDaemon>();
  timeouts = [900, 120, 300];
  /** False: a kernel before 4.1, without IPVS_*_ATTR_STATS64. */
  stats64 = true;
  /** What every counter says. */
  counter = 0n;

  /** @returns whether the command exists; @throws Errno as the kernel would. */
  change(command: number, request: Attributes): void {
    const run = CHANGES[command];
    if (run === undefined) throw new Errno('EOPNOTSUPP');
    run(this, request);
  }

  /** The bodies that a command answers with (after the generic header), with their command. */
  read(command: number, request: Attributes, isDump: boolean): readonly Reply[] {
    if (command === 15) {
      return [
        { command: 14, body: Buffer.concat([u32Attribute(1, 0x010201), u32Attribute(2, 4096)]) },
      ];
    }
    if (command === 13) {
      const body = Buffer.concat(
        this.timeouts.map((seconds, index) => u32Attribute(4 + index, seconds)),
      );
      return [{ command: 12, body }];
    }
    if (command === 11) {
      const daemons = [...this.daemons.values()].sort((a, b) => a.state - b.state);
      return daemons.map(({ parts }) => ({ command: 9, body: nest(3, ...parts) }));
    }
    if (command === 4 && isDump)
      return [...this.services.values()].map((one) => this.#service(one));
    const service = this.services.get(serviceKey(request));
    if (command === 4 && service === undefined) throw new Errno('ESRCH');
    if (command === 4 && service !== undefined) return [this.#service(service)];
    // ip_vs_genl_dump_dests(): of a service that is not there, an empty dump.
    const destinations = [...(service?.destinations.values() ?? [])];
    return destinations.map((destination) => this.#destination(destination)).reverse();
  }

  #service(service: FakeService): Reply {
    const { family, fwmark, protocol, address, port, flags, timeoutS, netmask, engine } = service;
    const id =
      fwmark !== 0
        ? [u32Attribute(5, fwmark)]
        : [attribute(2, protocol), attribute(3, address), attribute(4, port)];
    const body = nest(
      1,
      attribute(1, u16(family)),
      ...id,
      attribute(6, text(service.scheduler)),
      ...(engine === '' ? [] : [attribute(11, text(engine))]),
      attribute(7, Buffer.concat([u32(flags), u32(0xffffffff)])),
      u32Attribute(8, timeoutS),
      attribute(9, netmask),
      ...this.#stats(),
    );
    return { command: 1, body };
  }

  #destination({ family, address, port, settings }: FakeDestination): Reply {
    const body = nest(
      2,
      attribute(1, address),
      attribute(2, port),
      u32Attribute(3, settings.forwarding),
      u32Attribute(4, settings.weight),
      attribute(13, u8(settings.tunnelType)),
      attribute(14, settings.tunnelPort),
      attribute(15, u16(settings.tunnelFlags)),
      u32Attribute(5, settings.upper),
      u32Attribute(6, settings.lower),
      ...[7, 8, 9].map((type) => u32Attribute(type, 0)),
      attribute(11, u16(family)),
      ...this.#stats(),
    );
    return { command: 5, body };
  }

  /** IPVS_*_ATTR_STATS is 10 and IPVS_*_ATTR_STATS64 is 12 for services and destinations alike. */
  #stats(): readonly Buffer[] {
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const wide = (type: number) => attribute(type, u64(this.counter));
    const narrow = (type: number) =>
      type === 4 || type === 5
        ? wide(type)
        : u32Attribute(type, Number(this.counter & 0xffffffffn));
    const old = nest(10, ...numbers.map(narrow));
    const padding = attribute(11, Buffer.alloc(0));
    return this.stats64 ? [old, nest(12, padding, ...numbers.map(wide))] : [old];
  }
}

/** One message of an answer. */
export interface Reply {
  readonly command: number;
  readonly body: Buffer;
}

type Change = (table: FakeTable, request: Attributes) => void;

const CHANGES: Readonly<Record<number, Change>> = {
  1: (table, request) => {
    checkFamily(request);
    const key = serviceKey(request);
    if (table.services.has(key)) throw new Errno('EEXIST');
    const fwmark = request.get('SERVICE.FWMARK')?.readUInt32LE() ?? 0;
    table.services.set(key, {
      family: get(request, 'SERVICE.AF').readUInt16LE(),
      fwmark,
      protocol: request.get('SERVICE.PROTOCOL') ?? u16(6),
      address: request.get('SERVICE.ADDR') ?? Buffer.alloc(16),
      port: request.get('SERVICE.PORT') ?? Buffer.alloc(2),
      destinations: new Map(),
      ...serviceSettings(request, 0),
    });
  },
  2: (table, request) => {
    const service = findService(table, request);
    Object.assign(service, serviceSettings(request, service.flags));
  },
  3: (table, request) => {
    findService(table, request);
    table.services.delete(serviceKey(request));
  },
  5: (table, request) => {
    const service = findService(table, request);
    const added = readDestination(table, service, request);
    if (service.destinations.has(destinationKey(request))) throw new Errno('EEXIST');
    service.destinations.set(destinationKey(request), added);
  },
  6: (table, request) => {
    const service = findService(table, request);
    const edited = readDestination(table, service, request);
    if (!service.destinations.has(destinationKey(request))) throw new Errno('ENOENT');
    service.destinations.set(destinationKey(request), edited);
  },
  7: (table, request) => {
    const service = findService(table, request);
    if (!service.destinations.delete(destinationKey(request))) throw new Errno('ENOENT');
  },
  9: startDaemon,
  10: (table, request) => {
    if (!table.daemons.delete(get(request, 'DAEMON.STATE').readUInt32LE()))
      throw new Errno('ESRCH');
  },
  12: (table, request) => {
    const names = ['TIMEOUT_TCP', 'TIMEOUT_TCP_FIN', 'TIMEOUT_UDP'];
    table.timeouts = names.map(
      (name, index) => request.get(name)?.readUInt32LE() || (table.timeouts[index] ?? 0),
    );
  },
  16: (table, request) => {
    if (request.has('SERVICE')) findService(table, request);
    table.counter = 0n;
  },
  17: (table) => table.services.clear(),
};

function get(request: Attributes, name: string): Buffer {
  const payload = request.get(name);
  if (payload === undefined) throw new Errno('EINVAL');
  return payload;
}

function checkFamily(request: Attributes): void {
  const family = get(request, 'SERVICE.AF').readUInt16LE();
  if (family !== 2 && family !== AF_INET6) throw new Errno('EAFNOSUPPORT');
}

/** ip_vs_genl_parse_service(): the mark alone, or protocol, address and port. */
function serviceKey(request: Attributes): string {
  const names = request.has('SERVICE.FWMARK')
    ? ['AF', 'FWMARK']
    : ['AF', 'PROTOCOL', 'ADDR', 'PORT'];
  return names.map((name) => get(request, `SERVICE.${name}`).toString('hex')).join(' ');
}

function destinationKey(request: Attributes): string {
  const names = ['ADDR_FAMILY', 'ADDR', 'PORT'];
  return names.map((name) => get(request, `DEST.${name}`).toString('hex')).join(' ');
}

function findService(table: FakeTable, request: Attributes): FakeService {
  checkFamily(request);
  const service = table.services.get(serviceKey(request));
  if (service === undefined) throw new Errno('ESRCH');
  return service;
}

/** ip_vs_add_service(), ip_vs_edit_service() */
function serviceSettings(request: Attributes, oldFlags: number) {
  const scheduler = textOf(get(request, 'SERVICE.SCHED_NAME'));
  if (!SCHEDULERS.includes(scheduler)) throw new Errno('ENOENT');
  const engine = textOf(request.get('SERVICE.PE_NAME') ?? Buffer.alloc(1));
  if (engine !== '' && engine !== 'sip') throw new Errno('ENOENT');
  const netmask = get(request, 'SERVICE.NETMASK');
  if (get(request, 'SERVICE.AF').readUInt16LE() === AF_INET6) {
    const prefix = netmask.readUInt32LE();
    if (prefix < 1 || prefix > 128) throw new Errno('EINVAL');
  }
  const flags = get(request, 'SERVICE.FLAGS');
  const mask = flags.readUInt32LE(4);
  return {
    scheduler,
    engine,
    netmask,
    timeoutS: get(request, 'SERVICE.TIMEOUT').readUInt32LE(),
    flags: (oldFlags & ~mask) | (flags.readUInt32LE(0) & mask) | F_HASHED,
  };
}

/** ip_vs_genl_set_cmd(), ip_vs_add_dest(), ip_vs_new_dest() */
function readDestination(
  table: FakeTable,
  service: FakeService,
  request: Attributes,
): FakeDestination {
  const family = get(request, 'DEST.ADDR_FAMILY').readUInt16LE();
  const settings = destinationSettings(request);
  if (family !== service.family) {
    if (table.daemons.size > 0 || settings.forwarding !== FWD_TUNNEL) throw new Errno('EINVAL');
  }
  if (settings.weight > 0x7fffffff || settings.lower > settings.upper) throw new Errno('ERANGE');
  if (settings.tunnelType === TUNNEL_GUE && settings.tunnelPort.readUInt16BE() === 0) {
    throw new Errno('EINVAL');
  }
  const address = get(request, 'DEST.ADDR');
  const isMulticast = family === AF_INET6 ? address[0] === 0xff : (address[0] ?? 0) >= 224;
  if (isMulticast) throw new Errno('EINVAL');
  return { family, address, port: get(request, 'DEST.PORT'), settings };
}

function destinationSettings(request: Attributes): DestinationSettings {
  return {
    forwarding: get(request, 'DEST.FWD_METHOD').readUInt32LE() & 7,
    weight: get(request, 'DEST.WEIGHT').readUInt32LE(),
    upper: get(request, 'DEST.U_THRESH').readUInt32LE(),
    lower: get(request, 'DEST.L_THRESH').readUInt32LE(),
    tunnelType: request.get('DEST.TUN_TYPE')?.readUInt8() ?? 0,
    tunnelPort: request.get('DEST.TUN_PORT') ?? Buffer.alloc(2),
    tunnelFlags: request.get('DEST.TUN_FLAGS')?.readUInt16LE() ?? 0,
  };
}

/** ip_vs_genl_new_daemon(), start_sync_thread(); the one interface is "lo" with an MTU of 65536. */
function startDaemon(table: FakeTable, request: Attributes): void {
  const state = get(request, 'DAEMON.STATE').readUInt32LE();
  const group = request.get('DAEMON.MCAST_GROUP') ?? Buffer.from([224, 0, 0, 81]);
  const group6 = request.get('DAEMON.MCAST_GROUP6');
  if (group6 === undefined ? (group[0] ?? 0) >> 4 !== 14 : group6[0] !== 0xff) {
    throw new Errno('EINVAL');
  }
  const mixed = [...table.services.values()].some(({ family, destinations }) =>
    [...destinations.values()].some((destination) => destination.family !== family),
  );
  if (mixed) throw new Errno('EINVAL');
  if (textOf(get(request, 'DAEMON.MCAST_IFN')) !== 'lo') throw new Errno('ENODEV');
  if (table.daemons.has(state)) throw new Errno('EEXIST');
  const headers = group6 === undefined ? 28 : 48;
  const mtu = state === 1 ? 1500 : 65535;
  const parts = [
    u32Attribute(1, state),
    attribute(2, get(request, 'DAEMON.MCAST_IFN')),
    attribute(3, get(request, 'DAEMON.SYNC_ID')),
    attribute(4, request.get('DAEMON.SYNC_MAXLEN') ?? u16(mtu - headers)),
    attribute(7, request.get('DAEMON.MCAST_PORT') ?? u16(8848)),
    attribute(8, request.get('DAEMON.MCAST_TTL') ?? u8(1)),
    group6 === undefined ? attribute(5, group) : attribute(6, group6),
  ];
  table.daemons.set(state, { state, parts });
}

function textOf(payload: Buffer): string {
  return payload.toString('utf8', 0, payload.indexOf(0));
}

function u32Attribute(type: number, value: number): Buffer {
  return attribute(type, u32(value));
}

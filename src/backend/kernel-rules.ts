import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type {
  AddressFamily,
  Destination,
  DestinationId,
  Service,
  ServiceId,
} from '../ipvs-netlink/model.ts';

type ErrnoName = 'EEXIST' | 'ESRCH' | 'ENOENT' | 'EINVAL' | 'ERANGE';

/** What the kernel would answer: its errno, and in words what is wrong. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code: ErrnoName;

  constructor(code: ErrnoName, message: string) {
    super(`${message} (${code})`);
    this.code = code;
  }
}

/** The schedulers of mainline Linux (net/netfilter/ipvs/Kconfig). */
const SCHEDULERS: ReadonlySet<string> = new Set(
  'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos'.split(' '),
);

const ENGINES: ReadonlySet<string> = new Set(['', 'sip']);

/** Weights are a signed int in the kernel (atomic_t), marks and thresholds 32 bits unsigned. */
const MAX_INT = 0x7fff_ffff;
const MAX_UINT = 0xffff_ffff;

/**
 * What ip_vs_add_service and ip_vs_edit_service check.
 *
 * @throws KernelError ENOENT for a scheduler or persistence engine that Linux does not have,
 *   EINVAL for an IPv6 prefix length outside 1..128 and for values that no message can carry.
 */
export function checkService(service: Service): void {
  const { id, scheduler, persistenceEngine, persistenceNetmask } = service;
  const key = serviceKey(id);
  if (!isWellFormed(id)) throw new KernelError('EINVAL', `service ${key}: no such address or mark`);
  if (!SCHEDULERS.has(scheduler)) {
    throw new KernelError('ENOENT', `service ${key}: no scheduler ${JSON.stringify(scheduler)}`);
  }
  if (!ENGINES.has(persistenceEngine)) {
    throw new KernelError('ENOENT', `service ${key}: no persistence engine "${persistenceEngine}"`);
  }
  if (!isWhole(service.persistenceTimeoutS, MAX_UINT)) {
    const got = service.persistenceTimeoutS;
    throw new KernelError('EINVAL', `service ${key}: expected whole seconds, got "${got}"`);
  }
  if (!isNetmask(id.family, persistenceNetmask)) {
    const expected = id.family === 'inet' ? 'a dotted quad' : 'a prefix length 1 to 128';
    const got = persistenceNetmask;
    throw new KernelError('EINVAL', `service ${key}: netmask: expected ${expected}, got "${got}"`);
  }
}

/**
 * What the kernel checks of a destination that is added or edited.
 *
 * @throws KernelError EINVAL for an address that is not unicast, another family than the service's
 *   without tunnel, a gue tunnel without port; ERANGE for a weight that is negative or greater
 *   than 2147483647 and a lower threshold above the upper.
 */
export function checkDestination(service: ServiceId, destination: Destination): void {
  const { id, forwarding, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  const key = destinationKey(id);
  if (id.family !== service.family && forwarding !== 'tunnel') {
    throw new KernelError('EINVAL', `destination ${key}: another family needs tunnel forwarding`);
  }
  if (!isWhole(weight, MAX_INT)) {
    throw new KernelError('ERANGE', `destination ${key}: weight ${weight} out of range`);
  }
  if (!isWhole(upperThreshold, MAX_UINT) || !isWhole(lowerThreshold, upperThreshold)) {
    const got = `${lowerThreshold} and ${upperThreshold}`;
    throw new KernelError('ERANGE', `destination ${key}: thresholds ${got} out of range`);
  }
  if (tunnel?.type === 'gue' && tunnel.port === 0) {
    throw new KernelError('EINVAL', `destination ${key}: a gue tunnel needs a port`);
  }
  if (!isEndpoint(id) || !isUnicast(id)) {
    throw new KernelError('EINVAL', `destination ${key}: expected a unicast address`);
  }
}

/** As inet_addr_type and ipv6_addr_type see it where no interface has a broadcast address. */
const NOT_UNICAST = {
  inet: blockList('ipv4', [
    ['0.0.0.0', 32],
    ['224.0.0.0', 4],
    ['255.255.255.255', 32],
  ]),
  inet6: blockList('ipv6', [
    ['::', 128],
    ['::ffff:0:0', 96],
    ['fe80::', 10],
    ['ff00::', 8],
  ]),
};

function isUnicast({ family, address }: DestinationId): boolean {
  return !NOT_UNICAST[family].check(address, family === 'inet' ? 'ipv4' : 'ipv6');
}

function blockList(
  type: 'ipv4' | 'ipv6',
  subnets: readonly (readonly [string, number])[],
): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, type);
  return list;
}

function isWellFormed(id: ServiceId): boolean {
  return 'fwmark' in id ? isWhole(id.fwmark, MAX_UINT) && id.fwmark > 0 : isEndpoint(id);
}

function isEndpoint(id: DestinationId): boolean {
  const isAddress = id.family === 'inet' ? isIPv4(id.address) : isIPv6(id.address);
  return isAddress && isWhole(id.port, 65535);
}

function isNetmask(family: AddressFamily, mask: string): boolean {
  if (family === 'inet') return isIPv4(mask);
  return /^\d{1,3}$/.test(mask) && Number(mask) >= 1 && Number(mask) <= 128;
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

import {
  addressFromBytes,
  addressToBytes,
  familyFromNumber,
  familyToNumber,
  toInetAddress,
} from './address.ts';
import { AttributeError, required } from './attribute.ts';
import { readU32, writeU32 } from './host-order.ts';
import { SERVICE_ATTRIBUTES, type ServiceValues } from './ipvs-attributes.ts';
import type {
  AddressFamily,
  Service,
  ServiceEntry,
  ServiceId,
  TransportProtocol,
} from './model.ts';
import { readStats } from './stats.ts';

/** IP_VS_SVC_F_* of include/uapi/linux/ip_vs.h. IP_VS_SVC_F_HASHED (2) is the kernel's own. */
const F_PERSISTENT = 0x01;
const F_ONEPACKET = 0x04;
/** IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3 */
const F_SCHEDULER = 0x38;
const F_SETTABLE = F_PERSISTENT | F_ONEPACKET | F_SCHEDULER;

/** IPPROTO_* numbers. */
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const satisfies Record<
  TransportProtocol,
  number
>;

/** The attributes by which the kernel finds a service: the mark, or protocol, address and port. */
export function serviceIdToAttributes(id: ServiceId): ServiceValues {
  const family = familyToNumber(id.family);
  if ('fwmark' in id) return { family, fwmark: nonZeroMark(id.fwmark) };
  return {
    family,
    protocol: PROTOCOL_NUMBERS[id.protocol],
    address: toInetAddress(id.family, id.address),
    port: id.port,
  };
}

/** All attributes that IPVS_CMD_NEW_SERVICE and IPVS_CMD_SET_SERVICE ask for. */
export function serviceToAttributes(service: Service): ServiceValues {
  const { id, schedulerFlags, persistenceTimeoutS, persistenceEngine, onePacket } = service;
  if ((schedulerFlags & ~F_SCHEDULER) !== 0) {
    throw new AttributeError(`schedulerFlags: expected bits of 0x38, got ${schedulerFlags}`);
  }
  const flags =
    schedulerFlags | (persistenceTimeoutS > 0 ? F_PERSISTENT : 0) | (onePacket ? F_ONEPACKET : 0);
  return {
    ...serviceIdToAttributes(id),
    scheduler: service.scheduler,
    ...(persistenceEngine === '' ? {} : { persistenceEngine }),
    flags: { flags, mask: F_SETTABLE },
    timeoutS: persistenceTimeoutS,
    netmask: netmaskToBytes(id.family, service.persistenceNetmask),
  };
}

/** @throws AttributeError when the kernel left something out that it always sends. */
export function serviceFromAttributes(values: ServiceValues): Omit<ServiceEntry, 'destinations'> {
  const id = serviceIdFromAttributes(values);
  const { flags } = required(SERVICE_ATTRIBUTES, values, 'flags');
  const persistent = (flags & F_PERSISTENT) !== 0;
  return {
    id,
    scheduler: required(SERVICE_ATTRIBUTES, values, 'scheduler'),
    schedulerFlags: flags & F_SCHEDULER,
    persistenceTimeoutS: persistent ? required(SERVICE_ATTRIBUTES, values, 'timeoutS') : 0,
    persistenceNetmask: netmaskFromBytes(
      id.family,
      required(SERVICE_ATTRIBUTES, values, 'netmask'),
    ),
    persistenceEngine: values.persistenceEngine ?? '',
    onePacket: (flags & F_ONEPACKET) !== 0,
    stats: readStats(values),
  };
}

function serviceIdFromAttributes(values: ServiceValues): ServiceId {
  const family = familyFromNumber(required(SERVICE_ATTRIBUTES, values, 'family'));
  if (values.fwmark !== undefined && values.fwmark !== 0) return { family, fwmark: values.fwmark };
  return {
    family,
    protocol: protocolFromNumber(required(SERVICE_ATTRIBUTES, values, 'protocol')),
    address: addressFromBytes(family, required(SERVICE_ATTRIBUTES, values, 'address')),
    port: required(SERVICE_ATTRIBUTES, values, 'port'),
  };
}

function protocolFromNumber(number: number): TransportProtocol {
  if (number === PROTOCOL_NUMBERS.tcp) return 'tcp';
  if (number === PROTOCOL_NUMBERS.udp) return 'udp';
  if (number === PROTOCOL_NUMBERS.sctp) return 'sctp';
  throw new AttributeError(`expected protocol 6, 17 or 132, got ${number}`, [
    SERVICE_ATTRIBUTES.protocol.name,
  ]);
}

/** To the kernel, mark 0 means that there is none, and that address and port identify. */
function nonZeroMark(fwmark: number): number {
  if (fwmark === 0) throw new AttributeError('fwmark: expected 1 to 4294967295, got 0');
  return fwmark;
}

function netmaskToBytes(family: AddressFamily, netmask: string): Buffer {
  if (family === 'inet') return addressToBytes('inet', netmask);
  const prefix = /^\d{1,3}$/.test(netmask) ? Number(netmask) : 0;
  if (prefix < 1 || prefix > 128) {
    throw new AttributeError(`persistenceNetmask: expected 1 to 128, got "${netmask}"`);
  }
  const bytes = Buffer.alloc(4);
  writeU32(bytes, prefix, 0);
  return bytes;
}

function netmaskFromBytes(family: AddressFamily, bytes: Buffer): string {
  return family === 'inet' ? addressFromBytes('inet', bytes) : String(readU32(bytes, 0));
}

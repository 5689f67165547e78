import { addressFromBytes, familyFromNumber, familyToNumber, toInetAddress } from './address.ts';
import { AttributeError, required } from './attribute.ts';
import { DESTINATION_ATTRIBUTES, type DestinationValues } from './ipvs-attributes.ts';
import type {
  AddressFamily,
  Destination,
  DestinationEntry,
  DestinationId,
  ForwardingMethod,
  Tunnel,
  TunnelChecksum,
} from './model.ts';
import { readStats } from './stats.ts';

/** IP_VS_CONN_F_FWD_MASK and the values under it: their index here is their number. */
const FORWARDING_MASK = 0x07;
const FORWARDING_METHODS = [
  'masq',
  'local',
  'tunnel',
  'route',
  'bypass',
] as const satisfies readonly ForwardingMethod[];

/** IP_VS_CONN_F_TUNNEL_TYPE_*: the index is the number. */
const TUNNEL_TYPES = ['ipip', 'gue', 'gre'] as const satisfies readonly Tunnel['type'][];

/** IP_VS_TUNNEL_ENCAP_FLAG_* */
const TUNNEL_FLAGS = { nocsum: 0, csum: 1, remcsum: 2 } as const satisfies Record<
  TunnelChecksum,
  number
>;

/** The attributes by which the kernel finds a destination of a service. */
export function destinationIdToAttributes(id: DestinationId): DestinationValues {
  return {
    family: familyToNumber(id.family),
    address: toInetAddress(id.family, id.address),
    port: id.port,
  };
}

/** All attributes that IPVS_CMD_NEW_DEST and IPVS_CMD_SET_DEST ask for. */
export function destinationToAttributes(destination: Destination): DestinationValues {
  return {
    ...destinationIdToAttributes(destination.id),
    forwarding: FORWARDING_METHODS.indexOf(destination.forwarding),
    weight: destination.weight,
    upperThreshold: destination.upperThreshold,
    lowerThreshold: destination.lowerThreshold,
    ...tunnelToAttributes(destination),
  };
}

/**
 * @param serviceFamily stands in for IPVS_DEST_ATTR_ADDR_FAMILY on kernels before 3.18.
 * @throws AttributeError when the kernel left something out that it always sends.
 */
export function destinationFromAttributes(
  values: DestinationValues,
  serviceFamily: AddressFamily,
): DestinationEntry {
  const family = values.family === undefined ? serviceFamily : familyFromNumber(values.family);
  const get = <K extends keyof DestinationValues>(key: K) =>
    required(DESTINATION_ATTRIBUTES, values, key);
  const forwarding = forwardingFromNumber(get('forwarding') & FORWARDING_MASK);
  return {
    id: { family, address: addressFromBytes(family, get('address')), port: get('port') },
    forwarding,
    weight: get('weight'),
    upperThreshold: get('upperThreshold'),
    lowerThreshold: get('lowerThreshold'),
    ...(forwarding === 'tunnel' ? { tunnel: tunnelFromAttributes(values) } : {}),
    activeConnections: get('activeConnections'),
    inactiveConnections: get('inactiveConnections'),
    persistentConnections: get('persistentConnections'),
    stats: readStats(values),
  };
}

function tunnelToAttributes({ forwarding, tunnel }: Destination): DestinationValues {
  if (forwarding !== 'tunnel') return {};
  const { type, port, checksum } = tunnel ?? { type: 'ipip', port: 0, checksum: 'nocsum' };
  return {
    tunnelType: TUNNEL_TYPES.indexOf(type),
    tunnelPort: port,
    tunnelFlags: TUNNEL_FLAGS[checksum],
  };
}

/** Kernels before 5.3 have only ipip and send none of these attributes. */
function tunnelFromAttributes(values: DestinationValues): Tunnel {
  const type = TUNNEL_TYPES[values.tunnelType ?? 0];
  if (type === undefined) throw unknownNumber('tunnelType', 2, values.tunnelType);
  return {
    type,
    port: values.tunnelPort ?? 0,
    checksum: tunnelChecksumFromFlags(values.tunnelFlags ?? 0),
  };
}

/** With both bits set the kernel computes the remote checksum (ip_vs_xmit.c asks for it first). */
function tunnelChecksumFromFlags(flags: number): TunnelChecksum {
  if ((flags & TUNNEL_FLAGS.remcsum) !== 0) return 'remcsum';
  return (flags & TUNNEL_FLAGS.csum) !== 0 ? 'csum' : 'nocsum';
}

function forwardingFromNumber(number: number): ForwardingMethod {
  const method = FORWARDING_METHODS[number];
  if (method === undefined) throw unknownNumber('forwarding', 4, number);
  return method;
}

function unknownNumber(
  key: keyof typeof DESTINATION_ATTRIBUTES,
  largest: number,
  got: number | undefined,
): AttributeError {
  const { name } = DESTINATION_ATTRIBUTES[key];
  return new AttributeError(`expected 0 to ${largest}, got ${got}`, [name]);
}

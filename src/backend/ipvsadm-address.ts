import type {
  AddressFamily,
  AddressServiceId,
  DestinationId,
  TransportProtocol,
} from '../ipvs-netlink/model.ts';

/**
 * Reads an endpoint as ipvsadm prints it with -n: `10.0.0.1:80` or `[fd00::1]:80`.
 *
 * @returns undefined when the text is no such endpoint.
 */
export function parseEndpoint(text: string): DestinationId | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d+)$/.exec(text);
  const [, inet6, inet, port] = match ?? [];
  const address = inet6 ?? inet;
  if (address === undefined || Number(port) > 65535) return undefined;
  return { family: familyOf(inet6), address, port: Number(port) };
}

/** Reads the address of a service that is not a mark; undefined as in parseEndpoint. */
export function parseServiceAddress(
  protocol: TransportProtocol,
  text: string,
): AddressServiceId | undefined {
  const endpoint = parseEndpoint(text);
  return endpoint === undefined ? undefined : { ...endpoint, protocol };
}

/** Reads a mark, which ipvsadm prints as a signed number; undefined when it is none. */
export function parseMark(text: string): number | undefined {
  return /^-?[1-9]\d{0,9}$/.test(text) ? Number(text) >>> 0 : undefined;
}

function familyOf(inet6: string | undefined): AddressFamily {
  return inet6 === undefined ? 'inet' : 'inet6';
}

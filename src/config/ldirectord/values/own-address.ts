import { isIP, SocketAddress } from 'node:net';
import { z } from 'zod';
import { schemaType, type ValueType } from './value-type.ts';

/** An address literal of either family, with or without brackets, in canonical form. */
export function ownAddress(): ValueType<string> {
  const literal = z
    .string()
    .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
    .refine((text) => isIP(text) !== 0 && !text.includes('%'))
    .transform((address) => {
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      return new SocketAddress({ address, family }).address;
    });
  return schemaType(literal, 'an IPv4 or IPv6 address');
}

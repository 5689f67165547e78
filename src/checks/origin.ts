import { createSocket } from 'node:dgram';
import type { CheckDefinition } from '../config/check-model.ts';
import { errorCode } from './reason.ts';

/**
 * Why a check cannot go out from the address that checkfrom gives. Asked of the kernel after a check
 * went wrong: what the checks themselves get to hear differs (bind(2) fails, ping(8) ends with an exit
 * code), and none of it says anything about the server.
 *
 * @returns `checkfrom: "10.9.0.77" is no address of this machine`; undefined when it is one, or
 *   none is asked for.
 */
export async function originFault(definition: CheckDefinition): Promise<string | undefined> {
  const from = originOf(definition);
  if (from === undefined) return undefined;
  const socket = createSocket(from.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: from }, resolve);
    });
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EADDRNOTAVAIL') return `checkfrom: "${from}" is no address of this machine`;
    // of an IPv6 address that is bound to a link, the kernel wants to know which one (ipv6(7))
    if (code === 'EINVAL') return `checkfrom: "${from}" cannot be used without its interface`;
    return undefined;
  } finally {
    socket.close();
  }
}

function originOf(definition: CheckDefinition): string | undefined {
  switch (definition.type) {
    case 'ping':
      return definition.from;
    case 'connect':
    case 'negotiate':
      return definition.target.from;
    case 'combined':
      return definition.connect.target.from;
    default:
      return undefined;
  }
}

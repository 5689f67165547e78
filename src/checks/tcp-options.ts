import type { TcpNetConnectOpts } from 'node:net';
import type { CheckTarget } from '../config/check-target.ts';

/** Where a check connects to, and from where, in the terms of node:net. */
export function tcpOptions({
  address,
  port,
  from,
}: Pick<CheckTarget, 'address' | 'port'> & {
  readonly from?: string | undefined;
}): TcpNetConnectOpts {
  return { host: address, port, ...(from !== undefined && { localAddress: from }) };
}

import type { ForwardMethod } from '../model.ts';
import type { Target } from './groups.ts';
import { type TunnelOptions, tunnelOptions } from './parameters.ts';
import type { Statement } from './tree.ts';

/** A forwarding method in the words of both files. */
export interface Forward {
  readonly method: ForwardMethod;
  /** `masq`, `ipip tun:gue:5555:csum`. */
  readonly text: string;
}

const methods: Readonly<Record<string, ForwardMethod>> = { NAT: 'masq', DR: 'gate', TUN: 'ipip' };

/** @param statement - lvs_method or sorry_server_lvs_method; without one NAT. */
export function forwardOf(statement: Statement | undefined): Forward {
  const [word = 'NAT', ...options] = statement?.words ?? [];
  const method = methods[word] ?? 'masq';
  const tunnel = method === 'ipip' ? tunnelOptions(options) : undefined;
  return { method, text: tunnel === undefined ? method : `${method}${tunnelText(tunnel)}` };
}

/** Only NAT changes ports; without one, or with a method that changes none, it is the client's. */
export function portInKernel(written: number, { method }: Forward, target: Target): number {
  if ('fwmark' in target) return method === 'masq' ? written : 0;
  return method === 'masq' && written > 0 ? written : target.port;
}

function tunnelText({ type, port, checksum }: TunnelOptions): string {
  if (type === 'ipip') return '';
  const words = [
    'tun',
    type,
    ...(port > 0 ? [port] : []),
    ...(checksum === 'nocsum' ? [] : [checksum]),
  ];
  return ` ${words.join(':')}`;
}

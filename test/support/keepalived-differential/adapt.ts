import type { Host } from '../topology/host.ts';

/** What of a host stands in files that are made for it. */
export type OwnAddresses = Pick<Host, 'ipv4' | 'ipv6' | 'namespace'>;

/**
 * So that a server that fails is out within seconds, and not a random time after the start; but not
 * more often than one processor can check all servers for all programs of a group.
 */
const quick = ['delay_loop 3', 'warmup 0', 'delay_before_retry 0.5'];

/**
 * A file of fixtures/keepalived for one host. Four things become different, for both programs:
 * - its rhythm: behind each `delay_loop` (or, in files without one, each `protocol TCP`) stand three
 *   lines with short times; as of any keyword the last one counts, and `retry` stays as it is;
 * - `connect_timeout` and `misc_timeout` are 3 seconds at least, for a processor that has much to do;
 * - no check has a port of its own to go out from (`bind_port`, which ipvsd does not have): a second
 *   later it is in TIME_WAIT, so that keepalived's check could not be made again;
 * - what the files call the director: its addresses as `bindto`, and the network namespace.
 */
export function adapted(text: string, { ipv4, ipv6, namespace }: OwnAddresses): string {
  const anchor = /\bdelay_loop\b/.test(text) ? 'delay_loop' : 'protocol';
  return text
    .split('\n')
    .filter((line) => !/^\s*bind_port \d+( \\)?$/.test(line))
    .flatMap((line) => [line, ...quickLines(line, anchor)])
    .join('\n')
    .replace(/\b(connect_timeout|misc_timeout) [0-2](?:\.\d+)?(?=\s|$)/g, '$1 3')
    .replace(/\bbindto 10\.9\.0\.1\b/g, `bindto ${ipv4}`)
    .replace(/\bbindto fd00:9::1\b/g, `bindto ${ipv6}`)
    .replace(/^(net_namespace\w*) .*$/gm, `$1 ${namespace}`);
}

/** Lines of a definition go on with a backslash, and so do those behind them. */
function quickLines(line: string, anchor: string): readonly string[] {
  const [, indent, rest = ''] = new RegExp(`^(\\s*)${anchor} (.*)$`).exec(line) ?? [];
  if (indent === undefined) return [];
  return quick.map((added) => `${indent}${added}${rest.endsWith('\\') ? ' \\' : ''}`);
}

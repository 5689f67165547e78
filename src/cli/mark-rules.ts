import { createHash } from 'node:crypto';
import { virtualKey } from '../config/keys.ts';
import type { MarkedPackets, VirtualServer } from '../config/model.ts';

/** NFT_NAME_MAXLEN is 256 (nf_tables.h), with the zero byte at the end. */
const maxTableBytes = 255;

/**
 * The table that is an instance's own; names of nft(8) have letters, digits and some signs. A name
 * that cannot be its table's gives a digest instead, behind a slash, which no file has in its name.
 *
 * @param instance name of the instance.
 */
export function markTable(instance: string): string {
  const name = `ipvsd-${instance}`;
  if (/^[\w.-]+$/.test(name) && name.length <= maxTableBytes) return `inet ${name}`;
  const digest = createHash('sha256').update(instance).digest('hex');
  return `inet ${name.replace(/[^\w.-]/g, '_').slice(0, 64)}/${digest.slice(0, 32)}`;
}

/** What removes the table, whether it is there or not: to delete one that is not is an error. */
export function removalOf(table: string): string {
  return `table ${table}\ndelete table ${table}\n`;
}

/**
 * The nftables rules that give packets the marks that virtual servers balance, as input of `nft -f`
 * that puts them in the place of those before, in one step. They come before IPVS looks (it takes
 * what is delivered locally), and are for packets that come from outside only.
 *
 * @param peers link-layer addresses of directors that are real servers as well: what comes from
 *   them has been balanced and is delivered here without a mark.
 */
export function markRules(
  table: string,
  virtuals: readonly VirtualServer[],
  peers: readonly string[],
): string {
  const fromPeers =
    peers.length === 0
      ? []
      : [
          '# sent on by another director: delivered here, not balanced again',
          `ether saddr { ${peers.join(', ')} } return`,
        ];
  const rules = virtuals.flatMap(({ id, markFor }) =>
    'fwmark' in id && markFor !== undefined
      ? [`# ${virtualKey(id)}`, ...markFor.map((packets) => markRule(packets, id.fwmark))]
      : [],
  );
  const lines = [
    'type filter hook prerouting priority mangle; policy accept;',
    ...fromPeers,
    ...rules,
  ];
  return `${removalOf(table)}table ${table} {
\tchain marks {
${lines.map((line) => `\t\t${line}\n`).join('')}\t}
}
`;
}

function markRule({ family, address, protocol, port }: MarkedPackets, mark: number): string {
  const destination = `${family === 'inet' ? 'ip' : 'ip6'} daddr ${address}`;
  const service = port === 0 ? `meta l4proto ${protocol}` : `${protocol} dport ${port}`;
  return `${destination} ${service} meta mark set ${mark}`;
}

import { existsSync } from 'node:fs';
import type { Looked, PacketRule } from '../facts.ts';
import { iptablesRules } from './iptables.ts';
import { nftablesRules } from './nftables.ts';
import { failureText, runTool } from './tool.ts';

const tables: ReadonlySet<string> = new Set(['nat', 'mangle', 'raw', 'filter', 'security']);

/**
 * The rules of this network namespace that turn or mark packets. Tables of iptables over nftables
 * are read by iptables-save where it is, as nft(8) does not know their targets.
 */
export async function gatherPacketRules(): Promise<Looked<readonly PacketRule[]>> {
  const rules: PacketRule[] = [];
  const programs = ['iptables', 'ip6tables', 'iptables-legacy', 'ip6tables-legacy'] as const;
  const found = new Set<string>();
  for (const program of programs) {
    const result = await runTool(`${program}-save`, []);
    if (result.kind === 'missing') continue;
    if (result.exitCode !== 0) return { unknown: failureText(`${program}-save`, result) };
    found.add(program);
    rules.push(...iptablesRules(result.stdout, program));
  }
  const nft = await runTool('nft', ['--json', 'list', 'ruleset']);
  if (nft.kind === 'missing') return withoutNft(rules, found);
  if (nft.exitCode !== 0) return { unknown: failureText('nft', nft) };
  const isElsewhere = (family: string, table: string): boolean =>
    tables.has(table) &&
    ((family === 'ip' && found.has('iptables')) || (family === 'ip6' && found.has('ip6tables')));
  try {
    rules.push(...nftablesRules(nft.stdout, isElsewhere));
  } catch {
    return { unknown: 'nft printed what is no ruleset' };
  }
  // with the legacy variant as the default one, both names tell the same rules
  return { value: [...new Map(rules.map((rule) => [bare(rule.text), rule])).values()] };
}

function bare(text: string): string {
  return text.replace('-legacy', '');
}

/** A kernel without the modules has no rules, whatever is installed. */
function withoutNft(
  rules: readonly PacketRule[],
  found: ReadonlySet<string>,
): Looked<readonly PacketRule[]> {
  const isLoaded = (name: string) => existsSync(`/sys/module/${name}`);
  if (isLoaded('nf_tables')) return { unknown: 'nft (nftables) is not installed' };
  if (found.size === 0 && (isLoaded('ip_tables') || isLoaded('ip6_tables'))) {
    return { unknown: 'neither nft (nftables) nor iptables-save is installed' };
  }
  return { value: rules };
}

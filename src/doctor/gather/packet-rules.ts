import { readFileSync } from 'node:fs';
import type { PacketRules, Unseen } from '../facts.ts';
import { type Program, savedChains, savedRules } from './iptables.ts';
import { gatherModules } from './modules.ts';
import { nftablesRules } from './nftables.ts';
import { runTool, untoldBy } from './tool.ts';

const programs = ['iptables', 'ip6tables', 'iptables-legacy', 'ip6tables-legacy'] as const;
const nothing: PacketRules = { rules: [] };

/**
 * The rules of this network namespace that turn or mark packets. Chains of iptables over nftables
 * are read by iptables-save where it is, as nft(8) does not know their targets.
 */
export async function gatherPacketRules(): Promise<PacketRules> {
  const saved = await Promise.all(programs.map(savedBy));
  const chains = new Set(saved.flatMap((one) => one.chains));
  const overNftables = saved.filter((one) => one.isOverNftables).flatMap((one) => one.chains);
  const nft = await gatherNftables(new Set(overNftables));
  const rules = [...saved, nft].flatMap((one) => one.rules);
  const unseen =
    nft.unseen ?? saved.find((one) => one.unseen !== undefined)?.unseen ?? untoldLegacy(chains);
  return {
    // with the legacy variant as the default one, both names tell the same rules
    rules: [...new Map(rules.map((rule) => [bare(rule.text), rule])).values()],
    ...(unseen !== undefined && { unseen }),
  };
}

function bare(text: string): string {
  return text.replace('-legacy', '');
}

interface Saved extends PacketRules {
  /** Those that it tells of, as `ip nat PREROUTING`. */
  readonly chains: readonly string[];
  readonly isOverNftables: boolean;
}

async function savedBy(program: Program): Promise<Saved> {
  const result = await runTool(`${program}-save`, []);
  const none = { ...nothing, chains: [], isOverNftables: false };
  if (result.kind === 'missing') return none;
  if (result.exitCode !== 0) return { ...none, unseen: untoldBy(`${program}-save`, result) };
  return {
    rules: savedRules(result.stdout, program),
    chains: savedChains(result.stdout, program),
    isOverNftables: result.stdout.includes('(nf_tables)'),
  };
}

/** @param told the chains that are read in another way. */
async function gatherNftables(told: ReadonlySet<string>): Promise<PacketRules> {
  const result = await runTool('nft', ['--json', 'list', 'ruleset']);
  const unseen = untoldBy('nft', result);
  if (result.kind === 'missing') {
    const { nf_tables } = await gatherModules(['nf_tables']);
    // a kernel without the module has no rules, whatever is installed
    return nf_tables === 'available' || nf_tables === 'missing' ? nothing : { ...nothing, unseen };
  }
  if (result.exitCode !== 0) return { ...nothing, unseen };
  try {
    return { rules: nftablesRules(result.stdout, told) };
  } catch {
    return { ...nothing, unseen: { unknown: 'nft printed what is no ruleset' } };
  }
}

/** The kernel tells by name which tables of legacy iptables a network namespace has. */
function untoldLegacy(told: ReadonlySet<string>): Unseen | undefined {
  const untold = (['ip', 'ip6'] as const).some((family) =>
    ['nat', 'mangle'].some(
      (table) => hasLegacyTable(family, table) && !told.has(`${family} ${table} PREROUTING`),
    ),
  );
  return untold ? untoldBy('iptables-legacy-save', { kind: 'missing' }) : undefined;
}

function hasLegacyTable(family: 'ip' | 'ip6', table: string): boolean {
  try {
    return readFileSync(`/proc/net/${family}_tables_names`, 'utf8').split('\n').includes(table);
  } catch {
    return false;
  }
}

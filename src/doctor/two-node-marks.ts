import { virtualKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import type { Network, PacketRule, Unseen } from './facts.ts';
import {
  type Finding,
  type Judgement,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { addressesOf, linkAddressesOf, markCommand, otherNodes } from './marked-nodes.ts';
import { ipvsSetting } from './settings.ts';

/**
 * Marks keep two directors from sending packets to and fro for as long as what comes from the other
 * one gets none. Without its facts every other real server may be a director.
 */
export function judgeTwoNodeMarks(subject: Subject): Judgement {
  const { config, facts, peer } = subject;
  const isMarked = config.virtuals.some(({ markFor }) => markFor !== undefined);
  if (!isMarked || config.standby.table === 'clear') return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  let nodes = nodesOf(config, facts.network.value);
  if (peer !== undefined) {
    if ('unknown' in peer.network) {
      return notLookedAt({ unknown: `${peer.host}: ${peer.network.unknown}` });
    }
    const there = addressesOf(peer.network.value);
    nodes = nodes.filter(({ address }) => there.has(address));
  }
  if (nodes.length === 0) return notNeeded;
  const name = ipvsSetting('backup_only');
  const both = peer === undefined ? [facts] : [facts, peer];
  if (both.every(({ settings }) => settings[name] === '1')) return lookedAt([]);
  const { unseen = unheardAmong(nodes, facts.packetRules.rules) } = facts.packetRules;
  return lookedAt(
    nodes.flatMap((node) => judgeNode(node, subject)),
    unseen,
  );
}

/** Another machine that is a real server, too. */
interface Node {
  readonly address: string;
  /** Its link-layer addresses, as far as they were heard. */
  readonly links: readonly string[];
  readonly virtuals: readonly VirtualServer[];
}

function nodesOf({ virtuals }: Config, network: Network): readonly Node[] {
  const byAddress = new Map<string, VirtualServer[]>();
  for (const virtual of virtuals) {
    for (const address of otherNodes(virtual, network)) {
      byAddress.set(address, [...(byAddress.get(address) ?? []), virtual]);
    }
  }
  return [...byAddress].map(([address, of]) => ({
    address,
    links: linkAddressesOf(address, network),
    virtuals: of,
  }));
}

/** Whether the addresses that rules spare are those of a machine that was not heard. */
function unheardAmong(nodes: readonly Node[], rules: readonly PacketRule[]): Unseen | undefined {
  const unheard = nodes.find(
    (node) => node.links.length === 0 && marking(node, rules).some(({ spared }) => spared),
  );
  return unheard && { unknown: `${unheard.address} does not tell its link-layer address` };
}

function judgeNode(node: Node, { config, facts, peer }: Subject): readonly Finding[] {
  const rules = marking(node, facts.packetRules.rules);
  const catching = rules.filter((rule) => !spares(rule, node));
  if (catching.length === 0) return [];
  const { address, links, virtuals } = node;
  const fate = 'each balances again what the other one sends it, packets go to and fro';
  const hint = links.length === 0 ? `; MAC is what "ip neigh show ${address}" prints there` : '';
  const command =
    catching.length === rules.length
      ? markCommand(config, facts.network)
      : // other rules do it well
        catching.map(({ removal }) => removal).join(' && ');
  return [
    {
      level: peer === undefined ? 'warning' : 'error',
      where: virtuals.map(({ id }) => virtualKey(id)).join(', '),
      what: `no rule spares what ${address} sends on from the mark`,
      why: `${peer === undefined ? 'if that is a director, too, ' : ''}${fate}; see TWO NODES in ipvsd(8)${hint}`,
      ...(command !== undefined && { command }),
    },
  ];
}

function marking({ virtuals }: Node, rules: readonly PacketRule[]): readonly PacketRule[] {
  const marks = new Set(virtuals.map(({ id }) => ('fwmark' in id ? id.fwmark : undefined)));
  return rules.filter(
    ({ action, mark }) => action === 'mark' && mark !== undefined && marks.has(mark),
  );
}

/** Rules with a set of addresses are believed, and so are those with any for one that was not heard. */
function spares({ spared = [] }: PacketRule, { links }: Node): boolean {
  if (spared.length === 0) return false;
  return spared.some((one) => one.startsWith('@')) || links.every((link) => spared.includes(link));
}

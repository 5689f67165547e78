import { BlockList, isIPv6 } from 'node:net';
import { virtualKey } from '../config/keys.ts';
import type { VirtualId, VirtualServer } from '../config/model.ts';
import type { PacketRule } from './facts.ts';
import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { markCommand } from './marked-nodes.ts';

/** Rules of nftables and iptables. */
export const packetRuleChecks: readonly Check[] = [
  {
    name: 'nat-rules',
    title: 'no NAT rule takes packets away from the virtual servers',
    judge: judgeNat,
  },
  { name: 'mark-rules', title: 'every mark is set by a rule', judge: judgeMarks },
];

/** Destination NAT happens before the kernel looks at what is delivered locally. */
function judgeNat({ config, facts }: Subject) {
  const addressed = config.virtuals.filter(({ id }) => 'address' in id);
  if (addressed.length === 0) return notNeeded;
  const { rules, unseen } = facts.packetRules;
  const turning = rules.filter(({ action }) => action !== 'mark');
  const findings = turning.flatMap((rule) => {
    const hit = addressed.filter((virtual) => catches(rule, virtual));
    return hit.length === 0 ? [] : [taken(rule, hit)];
  });
  return lookedAt(findings, unseen);
}

function taken(rule: PacketRule, hit: readonly VirtualServer[]): Finding {
  const where = hit.map(({ id }) => virtualKey(id)).join(', ');
  const kind = rule.action === 'dnat' ? 'DNAT' : 'a redirect';
  const certain = rule.whole
    ? { level: 'error', verb: 'takes' }
    : ({ level: 'warning', verb: 'may take' } as const);
  return {
    level: certain.level === 'error' ? 'error' : 'warning',
    where,
    what: `${kind} ${certain.verb} its packets: ${rule.text}`,
    why: 'NAT comes before IPVS, so that these clients are never balanced',
    command: rule.removal,
  };
}

/** Whether packets for a virtual server fit what is known of a rule. */
export function catches(rule: PacketRule, { id }: VirtualServer): boolean {
  if ('fwmark' in id) return false;
  const { protocol, ports, destinations } = rule;
  return (
    (protocol === undefined || protocol === id.protocol) &&
    (ports === undefined ||
      id.port === 0 ||
      ports.some(([a, b]) => a <= id.port && id.port <= b)) &&
    (destinations === undefined || contains(destinations, id.address))
  );
}

function contains(destinations: readonly string[], address: string): boolean {
  const list = new BlockList();
  const familyOf = (text: string) => (isIPv6(text) ? 'ipv6' : 'ipv4');
  for (const destination of destinations) {
    const [first = '', length] = destination.split('/');
    const [from = '', to] = first.split('-');
    if (to !== undefined) list.addRange(from, to, familyOf(from));
    else if (length === undefined) list.addAddress(first, familyOf(first));
    else list.addSubnet(first, Number(length), familyOf(first));
  }
  return list.check(address, familyOf(address));
}

function judgeMarks({ config, facts }: Subject) {
  const marked = config.virtuals.flatMap(({ id }) => ('fwmark' in id ? [id] : []));
  if (marked.length === 0) return notNeeded;
  const { rules, unseen } = facts.packetRules;
  const marks = rules.filter(({ action }) => action === 'mark');
  const unmarked = marked.filter(({ fwmark }) => !marks.some(({ mark }) => mark === fwmark));
  if (unmarked.length === 0) return lookedAt([]);
  if (unseen !== undefined) return notLookedAt(unseen);
  if (marks.some(({ mark }) => mark === undefined))
    return notLookedAt({ unknown: 'a rule sets a mark that varies' });
  return lookedAt(
    unmarked.map((id): Finding => {
      const isKnown = config.virtuals.some((virtual) => virtual.id === id && virtual.markFor);
      const command = isKnown ? markCommand(config, facts.network) : ruleCommand(id);
      return {
        level: 'error',
        where: virtualKey(id),
        what: `no rule marks packets with ${id.fwmark}`,
        why: 'the virtual server gets no clients',
        ...(command !== undefined && { command }),
      };
    }),
  );
}

function ruleCommand({ family, fwmark }: Extract<VirtualId, { fwmark: number }>): string {
  const word = family === 'inet' ? 'ip' : 'ip6';
  const chain = `${word} ipvsd marks`;
  return (
    `nft add table ${word} ipvsd` +
    ` && nft add chain ${chain} '{ type filter hook prerouting priority mangle; }'` +
    ` && nft add rule ${chain} ${word} daddr ADDRESS tcp dport PORT meta mark set ${fwmark}`
  );
}

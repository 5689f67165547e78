import type { Conversion } from './conversion.ts';
import { addressText, type ConvertedReal, convertReal } from './convert-real.ts';
import { groupMembers, type Member, type Target } from './groups.ts';
import { boolOf, inherited } from './inherit.ts';
import { type Item, sameItems } from './items.ts';
import { mailStatusItems } from './mail.ts';
import { persistenceItems } from './persistence.ts';
import { quorumItems } from './quorum.ts';
import { ownRhythmItems, type Rhythm, sectionRhythm, sectionRhythmItems } from './rhythm.ts';
import { schedulingItems } from './scheduling.ts';
import { sorryItems } from './sorry-server.ts';
import { allOf, type Statement } from './tree.ts';
import { readAddressPort } from './values.ts';

/** A virtual_server to sections, one for each address or mark that it is about. */
export function convertVirtual(virtual: Statement, conversion: Conversion): readonly Item[] {
  const { findings } = conversion;
  if (allOf(virtual.block ?? [], 'real_server').length === 0) {
    const message = 'has no real_server; left out, as keepalived does';
    findings.add('hand', virtual, 'virtual_server', message);
    return [];
  }
  const members = membersOf(virtual, conversion);
  reportRepeats(virtual, members, conversion);
  return members.flatMap((member) => section(virtual, member, conversion));
}

/** What the virtual server is about. */
function membersOf(virtual: Statement, { groups, findings }: Conversion): readonly Member[] {
  const [word = '', name = ''] = virtual.words;
  const { file, line } = virtual;
  const place = { file, line, text: virtual.words.join(' ') };
  if (word === 'fwmark') {
    return [{ ...place, target: { fwmark: Number(name), family: familyOf(virtual) } }];
  }
  if (word !== 'group') {
    const target = readAddressPort(virtual.words);
    return target === undefined ? [] : [{ ...place, target }];
  }
  const entries = groups.get(name);
  if (entries === undefined) {
    findings.add('error', virtual, 'virtual_server', `expected a virtual_server_group "${name}"`);
    return [];
  }
  return groupMembers(entries, findings).map((member) =>
    'fwmark' in member.target && member.target.family === undefined
      ? { ...member, target: { ...member.target, family: familyOf(virtual) } }
      : member,
  );
}

/** Of a mark: what the file says, else that of its first real server. */
function familyOf(virtual: Statement): 'inet' | 'inet6' {
  const block = virtual.block ?? [];
  const said = inherited([block], 'ip_family')?.words[0];
  const [real] = allOf(block, 'real_server');
  const family = said ?? readAddressPort(real?.words ?? [])?.family;
  return family === 'inet6' ? 'inet6' : 'inet';
}

/** What runs once for a group there, and once for each of its sections here. */
function reportRepeats(
  virtual: Statement,
  members: readonly Member[],
  { findings }: Conversion,
): void {
  if (members.length < 2) return;
  const block = virtual.block ?? [];
  const reals = allOf(block, 'real_server').flatMap(({ block: inner = [] }) => inner);
  const scripts = allOf(
    [...block, ...reals],
    'notify_up',
    'notify_down',
    'quorum_up',
    'quorum_down',
  );
  const message = `runs once for each of the ${members.length} services of the group; in keepalived once`;
  for (const script of scripts) findings.add('changed', script, script.keyword, message);
}

function section(virtual: Statement, member: Member, conversion: Conversion): readonly Item[] {
  const { target } = member;
  const block = virtual.block ?? [];
  const { findings } = conversion;
  reportFamily(virtual, target, conversion);
  const reals = realsOf(virtual, target, conversion);
  if (reals.length === 0) {
    findings.add('hand', virtual, 'virtual_server', 'no real server of it can be used; left out');
    return [];
  }
  const rhythms = reals.flatMap(({ checks }) => checks.map(({ rhythm }) => rhythm));
  const rhythm = sectionRhythm(rhythms, [block]);
  const head: Item = {
    name: target.family === 'inet6' ? 'virtual6' : 'virtual',
    value: 'fwmark' in target ? String(target.fwmark) : targetText(target),
    comment: headComment(virtual, member),
    items: [
      ...protocolItems(virtual, target, conversion),
      ...schedulingItems(virtual, findings),
      ...persistenceItems(virtual, target, findings),
      ...packetItems(virtual, target, conversion),
      ...(boolOf([block], 'inhibit_on_failure') === true
        ? [{ name: 'quiescent', value: 'yes' }]
        : []),
      ...sectionRhythmItems(rhythm),
      ...quorumItems(virtual, reals, conversion),
      ...mailStatusItems(virtual, conversion),
      ...realItems(reals, rhythm),
      ...sorryItems(virtual, target, conversion),
    ],
  };
  return [head];
}

/** A port of 0 stands for all, and must be there. */
function targetText(target: Exclude<Target, { fwmark: number }>): string {
  return target.port === 0 ? `${addressText(target, 0)}:0` : addressText(target, target.port);
}

function headComment(virtual: Statement, member: Member): string {
  const where = `${virtual.file}:${virtual.line}: virtual_server ${virtual.words.join(' ')}`;
  if (virtual.words[0] !== 'group') return where;
  return `${where}, of it "${member.text}"`;
}

function reportFamily(virtual: Statement, target: Target, { findings }: Conversion): void {
  const said = inherited([virtual.block ?? []], 'ip_family');
  if (said === undefined || 'fwmark' in target || said.words[0] === target.family) return;
  findings.add('hand', said, 'ip_family', 'does not fit the address; ignored, as keepalived does');
}

/** Each server once: keepalived drops the second. */
function realsOf(
  virtual: Statement,
  target: Target,
  conversion: Conversion,
): readonly ConvertedReal[] {
  const known = new Map<string, ConvertedReal>();
  for (const real of allOf(virtual.block ?? [], 'real_server')) {
    const converted = convertReal(real, target, virtual, conversion);
    if (converted === undefined) continue;
    const key = `${converted.address} ${converted.port}`;
    if (known.has(key)) {
      const message = 'a server that the virtual server has already; left out, as keepalived does';
      conversion.findings.add('hand', real, 'real_server', message);
    } else known.set(key, converted);
  }
  return [...known.values()];
}

function protocolItems(
  virtual: Statement,
  target: Target,
  { findings }: Conversion,
): readonly Item[] {
  const said = inherited([virtual.block ?? []], 'protocol');
  if ('fwmark' in target) {
    if (said !== undefined) {
      findings.add('note', said, 'protocol', 'nothing for a firewall mark, as in keepalived');
    }
    return [];
  }
  if (said === undefined) {
    findings.add('note', virtual, 'protocol', 'none is given, which is udp, as in keepalived');
  }
  return [{ name: 'protocol', value: said?.words[0]?.toLowerCase() ?? 'udp' }];
}

function packetItems(
  virtual: Statement,
  target: Target,
  { findings }: Conversion,
): readonly Item[] {
  const block = virtual.block ?? [];
  const ops = inherited([block], 'ops');
  if (ops === undefined) return [];
  if ('fwmark' in target) {
    findings.add(
      'lost',
      ops,
      'ops',
      'ipvsd has one-packet scheduling for udp services, not for firewall marks',
    );
    return [];
  }
  if (inherited([block], 'protocol')?.words[0]?.toUpperCase() === 'UDP') {
    return [{ name: 'ops', value: 'yes' }];
  }
  findings.add('note', ops, 'ops', 'nothing without protocol UDP, as in keepalived');
  return [];
}

/** Checks that all servers have stand once, for the section. */
function realItems(reals: readonly ConvertedReal[], rhythm: Rhythm): readonly Item[] {
  const checked = reals.map(({ item, checks }) => ({
    item,
    checks: checks.map((check) => checkItem(check, rhythm)),
  }));
  const [first] = checked;
  const common =
    first !== undefined && checked.every(({ checks }) => sameItems(checks, first.checks))
      ? first.checks
      : undefined;
  const unchecked = checked.some(({ checks }) => checks.length === 0);
  return [
    ...checked.map(({ item, checks }) =>
      common === undefined ? { ...item, items: [...(item.items ?? []), ...checks] } : item,
    ),
    ...(common ?? []),
    ...(unchecked ? [{ name: 'checktype', value: 'on' }] : []),
  ];
}

function checkItem(check: ConvertedReal['checks'][number], section: Rhythm): Item {
  const { word, items, ownItems, rhythm } = check;
  return {
    name: 'check',
    value: word,
    items: [...items, ...ownRhythmItems(rhythm, section), ...ownItems],
  };
}

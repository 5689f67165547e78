import type { PacketRule } from '../facts.ts';

export type Program = 'iptables' | 'ip6tables' | 'iptables-legacy' | 'ip6tables-legacy';

/** Packets for this machine do not pass these chains before they are delivered. */
const later: ReadonlySet<string> = new Set(['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
const actions: ReadonlyMap<unknown, PacketRule['action']> = new Map([
  ['DNAT', 'dnat'],
  ['REDIRECT', 'redirect'],
  ['MARK', 'mark'],
]);

const leaving: ReadonlySet<string | undefined> = new Set(['RETURN', 'ACCEPT']);

/** What a target of iptables does, if it turns or marks packets. */
export function targetAction(target: unknown): PacketRule['action'] | undefined {
  return actions.get(target);
}

/** The chains that iptables-save(8) tells of, as `ip nat PREROUTING`. */
export function savedChains(text: string, program: Program): readonly string[] {
  const family = program.startsWith('ip6') ? 'ip6' : 'ip';
  let table = '';
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const [, chain] = /^:(\S+) /.exec(line) ?? [];
    return chain === undefined ? [] : [`${family} ${table} ${chain}`];
  });
}

/**
 * The rules of iptables-save(8) that turn or mark packets on their way in.
 *
 * @param program of which family and kind, for the command that removes a rule.
 */
export function savedRules(text: string, program: Program): readonly PacketRule[] {
  const rules: PacketRule[] = [];
  const gone = new Map<string, readonly string[]>();
  let table = 'filter';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const [, chain = '', rest = ''] = /^(?:\[\S+\] )?-A (\S+) (.*)$/.exec(line) ?? [];
    if (chain === '' || later.has(chain)) continue;
    const words: readonly string[] = rest.match(/"[^"]*"|\S+/g) ?? [];
    const place = `${table} ${chain}`;
    const before = gone.get(place) ?? [];
    if (leaving.has(wordAfter(words, '-j')))
      gone.set(place, [...before, ...sendersOf(words, true)]);
    const rule = ruleOf(words);
    if (rule === undefined) continue;
    const spared = [...before, ...sendersOf(words, false)];
    rules.push({
      ...rule,
      ...(rule.action === 'mark' && spared.length > 0 && { spared }),
      // another chain is called, perhaps, and with conditions of its own
      whole: rule.whole && chain === 'PREROUTING',
      text: `${program} ${table} ${chain}: ${rest}`,
      removal: `${program} -t ${table} -D ${chain} ${rest}`,
    });
  }
  return rules;
}

type Bare = Omit<PacketRule, 'text' | 'removal'>;

function ruleOf(words: readonly string[]): Bare | undefined {
  const action = targetAction(wordAfter(words, '-j'));
  if (action === undefined) return undefined;
  const conditions = words.slice(0, words.indexOf('-j'));
  const destination = wordAfter(conditions, '-d');
  const protocol = wordAfter(conditions, '-p');
  const ports = wordAfter(conditions, '--dport') ?? wordAfter(conditions, '--dports');
  const mark = action === 'mark' ? markOf(words) : undefined;
  return {
    action,
    ...(mark !== undefined && { mark }),
    ...(destination !== undefined && { destinations: [destination] }),
    ...(protocol !== undefined && { protocol }),
    ...(ports !== undefined && { ports: ports.split(',').map(portsOf) }),
    whole: isWhole(conditions),
  };
}

/** The link-layer address that a rule is for, or is not for; other conditions do not count. */
function sendersOf(words: readonly string[], wanted: boolean): readonly string[] {
  const at = words.indexOf('--mac-source');
  const sender = words[at + 1];
  if (at < 0 || sender === undefined || (words[at - 1] !== '!') !== wanted) return [];
  return [sender.toLowerCase()];
}

/** The word after an option; undefined for what is negated, which says little. */
function wordAfter(words: readonly string[], option: string): string | undefined {
  const at = words.indexOf(option);
  return at < 0 || words[at - 1] === '!' ? undefined : words[at + 1];
}

/** `--set-xmark 0x5/0xffffffff`, `--set-mark 5` */
function markOf(words: readonly string[]): number | undefined {
  const text = wordAfter(words, '--set-xmark') ?? wordAfter(words, '--set-mark');
  const [value] = text?.split('/') ?? [];
  return value === undefined ? undefined : Number(value);
}

/** `80`, `80:90`, `:90` */
function portsOf(text: string): readonly [number, number] {
  const [first = '', last] = text.split(':');
  const low = first === '' ? 0 : Number(first);
  return [low, last === undefined ? low : last === '' ? 65_535 : Number(last)];
}

const understood: ReadonlySet<string> = new Set([
  '-d',
  '-p',
  '--dport',
  '--dports',
  '-m',
  '--comment',
]);
const matchModules: ReadonlySet<string> = new Set(['tcp', 'udp', 'multiport', 'comment']);

function isWhole(conditions: readonly string[]): boolean {
  if (conditions.includes('!')) return false;
  return conditions.every((word, index) => {
    if (word === '-m') return matchModules.has(conditions[index + 1] ?? '');
    return !word.startsWith('-') || understood.has(word);
  });
}

import { z } from 'zod';
import type { PacketRule } from '../facts.ts';
import { targetAction } from './iptables.ts';

/** libnftables-json(5) */
const rulesetSchema = z.object({
  nftables: z.array(
    z.object({
      chain: z
        .object({
          family: z.string(),
          table: z.string(),
          name: z.string(),
          hook: z.string().optional(),
        })
        .optional(),
      rule: z
        .object({
          family: z.string(),
          table: z.string(),
          chain: z.string(),
          handle: z.number(),
          expr: z.array(z.record(z.string(), z.unknown())),
        })
        .optional(),
    }),
  ),
});

type Rule = NonNullable<z.infer<typeof rulesetSchema>['nftables'][number]['rule']>;

/** Packets for this machine pass here before they are delivered; a chain without a hook is called. */
const entrances: ReadonlySet<string | undefined> = new Set(['prerouting', 'ingress', undefined]);
/** Statements that ask for nothing. */
const unconditional: ReadonlySet<string> = new Set([
  'accept',
  'comment',
  'counter',
  'dnat',
  'log',
  'mangle',
  'redirect',
]);

/**
 * The rules of `nft --json list ruleset` that turn or mark packets on their way in.
 *
 * @param told the chains that are read in another way, as `ip nat PREROUTING`.
 * @throws Error when it is no ruleset.
 */
export function nftablesRules(text: string, told: ReadonlySet<string>): readonly PacketRule[] {
  const { nftables } = rulesetSchema.parse(JSON.parse(text));
  const hooks = new Map<string, string | undefined>();
  for (const { chain } of nftables) {
    if (chain !== undefined) hooks.set(`${chain.family} ${chain.table} ${chain.name}`, chain.hook);
  }
  const gone = new Map<string, readonly string[]>();
  return nftables.flatMap(({ rule }) => {
    if (rule === undefined) return [];
    const place = `${rule.family} ${rule.table} ${rule.chain}`;
    const hook = hooks.get(place);
    if (told.has(place) || !entrances.has(hook)) return [];
    const before = gone.get(place) ?? [];
    if (rule.expr.some(leaves)) gone.set(place, [...before, ...sendersOf(rule, '==')]);
    const spared = [...before, ...sendersOf(rule, '!=')];
    return ruleOf(rule, place, hook !== undefined).map((one) =>
      one.action === 'mark' && spared.length > 0 ? { ...one, spared } : one,
    );
  });
}

function leaves(expression: Expression): boolean {
  return 'return' in expression || 'accept' in expression;
}

/**
 * The link-layer addresses that a rule is for, or is not for. Its other conditions do not count:
 * who tells machines apart in rules of his own knows of them.
 */
function sendersOf({ expr }: Rule, wanted: '==' | '!='): readonly string[] {
  return expr.flatMap(({ match }) => {
    const sender = field(field(match, 'left'), 'payload');
    const isSender = field(sender, 'protocol') === 'ether' && field(sender, 'field') === 'saddr';
    if (!isSender || field(match, 'op') !== wanted) return [];
    return elements(field(match, 'right')).flatMap((one) =>
      typeof one === 'string' ? [one.toLowerCase()] : [],
    );
  });
}

function ruleOf(
  { family, expr, handle }: Rule,
  place: string,
  isHooked: boolean,
): readonly PacketRule[] {
  const actions = expr.flatMap(actionOf);
  const known = expr.map(({ match }) => matchOf(match)).filter((one) => one !== undefined);
  const merged: Match = Object.assign({}, ...known);
  const rest = expr.filter((one) => !Object.keys(one).every((word) => unconditional.has(word)));
  const whole = isHooked && known.length === rest.length && family !== 'bridge' && !maps(expr);
  return actions.map((action) => ({
    ...action,
    ...merged,
    whole,
    text: `${place}: ${wordsOf(merged)}${action.action}${markText(action)} (handle ${handle})`,
    removal: `nft delete rule ${place} handle ${handle}`,
  }));
}

type Expression = Rule['expr'][number];

/** A target that is looked up: what is not in the map goes on. */
function maps(expr: readonly Expression[]): boolean {
  return expr.some(({ dnat, redirect }) =>
    [field(dnat, 'addr'), field(dnat, 'port'), field(redirect, 'port')].some(
      (one) => field(one, 'map') !== undefined,
    ),
  );
}

type Action = Pick<PacketRule, 'action' | 'mark'>;

function actionOf(expression: Expression): readonly Action[] {
  if ('dnat' in expression) return [{ action: 'dnat' }];
  if ('redirect' in expression) return [{ action: 'redirect' }];
  const target = targetAction(field(expression['xt'], 'name'));
  if (target !== undefined) return [{ action: target }];
  const { mangle } = expression;
  if (field(field(field(mangle, 'key'), 'meta'), 'key') !== 'mark') return [];
  const value = markOf(field(mangle, 'value'));
  return [{ action: 'mark', ...(value !== undefined && { mark: value }) }];
}

/** A number, or `meta mark or N`, which sets N on packets without a mark. */
function markOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const or = field(value, '|');
  if (!Array.isArray(or)) return undefined;
  const [, last]: readonly unknown[] = or;
  return typeof last === 'number' ? last : undefined;
}

type Match = Pick<PacketRule, 'destinations' | 'protocol' | 'ports'>;

/** @returns undefined for a condition that is not about destination, protocol and port. */
function matchOf(match: unknown): Match | undefined {
  const [op, left, right] = [field(match, 'op'), field(match, 'left'), field(match, 'right')];
  if (op !== '==' && op !== 'in') return undefined;
  if (field(field(left, 'meta'), 'key') === 'l4proto' && typeof right === 'string') {
    return { protocol: right };
  }
  const [protocol, name] = [
    field(field(left, 'payload'), 'protocol'),
    field(field(left, 'payload'), 'field'),
  ];
  if (name === 'daddr') {
    const destinations = elements(right).map(addressOf);
    return destinations.every((one) => one !== undefined) ? { destinations } : undefined;
  }
  if (name === 'dport' && typeof protocol === 'string') {
    const ports = elements(right).map(portsOf);
    return ports.every((one) => one !== undefined) ? { protocol, ports } : undefined;
  }
  return undefined;
}

function elements(right: unknown): readonly unknown[] {
  const set = field(right, 'set');
  return Array.isArray(set) ? set : [right];
}

/** An address, a prefix or a range; not the name of a set. */
function addressOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.startsWith('@') ? undefined : value;
  const prefix = field(value, 'prefix');
  const [address, length] = [field(prefix, 'addr'), field(prefix, 'len')];
  if (typeof address === 'string' && typeof length === 'number') return `${address}/${length}`;
  const range = field(value, 'range');
  return Array.isArray(range) ? range.join('-') : undefined;
}

function portsOf(value: unknown): readonly [number, number] | undefined {
  if (typeof value === 'number') return [value, value];
  const range = field(value, 'range');
  if (!Array.isArray(range)) return undefined;
  const [first, last]: readonly unknown[] = range;
  return typeof first === 'number' && typeof last === 'number' ? [first, last] : undefined;
}

function wordsOf({ destinations, protocol, ports }: Match): string {
  return [
    ...(destinations === undefined ? [] : [`daddr ${destinations.join(',')} `]),
    ...(protocol === undefined ? [] : [`${protocol} `]),
    ...(ports === undefined ? [] : [`dport ${ports.map(portText).join(',')} `]),
  ].join('');
}

function portText([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function markText({ mark }: Action): string {
  return mark === undefined ? '' : ` ${mark}`;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value)).get(name);
}

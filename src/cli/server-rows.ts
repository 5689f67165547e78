import { isDeepStrictEqual } from 'node:util';
import { endpointText } from '../config/keys.ts';
import type {
  FallbackServer,
  ForwardMethod,
  RealServer,
  ServerCheck,
  TunnelEnvelope,
  VirtualServer,
} from '../config/model.ts';
import { checkInForce, seconds } from './check-in-force.ts';

type Cells = readonly [server: string, forward: string, weight: string, thresholds: string];

/** A server with several checks has a row for each, and one for each setting of its own. */
export function realRows(real: RealServer, virtual: VirtualServer): readonly (readonly string[])[] {
  const { lowerThreshold: lower, upperThreshold: upper } = real;
  const thresholds = upper === 0 ? '-' : `${lower}..${upper}`;
  const more = [
    ...(real.inhibit === undefined ? [] : [`inhibit ${real.inhibit ? 'yes' : 'no'}`]),
    ...(real.notifyUp === undefined ? [] : [`notifyup ${real.notifyUp}`]),
    ...(real.notifyDown === undefined ? [] : [`notifydown ${real.notifyDown}`]),
  ];
  const texts = [...real.checks.map((check) => checkText(check, virtual)), ...more];
  return rows([real.key, forwardText(real), String(real.weight), thresholds], texts);
}

/** In a pool its place in it belongs to it. */
export function fallbackRows(
  fallback: FallbackServer,
  virtual: VirtualServer,
): readonly (readonly string[])[] {
  const { weight, priority, checks } = fallback;
  const isPool = virtual.fallbacks.length > 1 || priority !== 1;
  const cells: Cells = [
    endpointText(fallback),
    forwardText(fallback),
    weight === 1 ? '-' : String(weight),
    '-',
  ];
  const what = isPool ? `fallback, priority ${priority}` : 'fallback';
  return rows(cells, [what, ...checks.map((check) => checkText(check, virtual))]);
}

function rows(cells: Cells, texts: readonly string[]): readonly (readonly string[])[] {
  const [first = '', ...further] = texts;
  return [[...cells, first], ...further.map((text) => ['', '', '', '', text])];
}

function forwardText({
  forward,
  tunnel,
}: {
  readonly forward: ForwardMethod;
  readonly tunnel?: TunnelEnvelope;
}): string {
  if (tunnel === undefined) return forward;
  const { type, port, checksum } = tunnel;
  const words = [
    'tun',
    type,
    ...(type === 'gue' ? [port] : []),
    ...(checksum === 'nocsum' ? [] : [checksum]),
  ];
  return `${forward} ${words.join(':')}`;
}

/** The check of a block with its name, and with its rhythm where that is its own. */
function checkText(check: ServerCheck, virtual: VirtualServer): string {
  const { name, definition, alpha, warmupMs } = check;
  if (name === 'checktype') return checkInForce(definition);
  const parts = [
    `${name}: ${checkInForce(definition)}`,
    ...(isDeepStrictEqual(rhythmOf(check), rhythmOf(virtual)) ? [] : [rhythmText(check)]),
    ...(alpha ? [] : ['in until the first bad one']),
    ...(warmupMs === 0 ? [] : [`begins within ${seconds(warmupMs)}`]),
  ];
  return parts.join('; ');
}

type Rhythm = Pick<VirtualServer, 'intervals' | 'failureCount' | 'rise'>;

function rhythmOf({ intervals, failureCount, rise }: Rhythm): Rhythm {
  return { intervals, failureCount, rise };
}

/** How often something is checked, and how many results count. */
export function rhythmText({ intervals, failureCount, rise }: Rhythm): string {
  const { normalMs, fastMs, downMs } = intervals;
  const every = [
    `every ${seconds(normalMs)}`,
    ...(fastMs === normalMs ? [] : [`${seconds(fastMs)} while in doubt`]),
    ...(downMs === normalMs ? [] : [`${seconds(downMs)} while down`]),
  ].join(', ');
  return `${every}; out after ${failureCount} bad, in again after ${rise} good`;
}

import { endpointText } from '../keys.ts';
import type { RealServer, ServerCheck, VirtualId } from '../model.ts';
import { addressRange, maxRange } from './address-range.ts';
import { type CheckBuilder, checkBuilder } from './check-definition.ts';
import { checkIdentity } from './check-identity.ts';
import { addressOf, hasFamily, portOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { lastSetting, type Setting, settingsOfBoth } from './settings.ts';
import type { DirectiveLine, Section } from './syntax.ts';
import type { RealLine } from './values/real-line.ts';

/** More servers than this in one section are likely a slip in a range. */
const manyReals = 1024;

/** How often a check runs, and how many results in a row count. */
export type Rhythm = Pick<ServerCheck, 'intervals' | 'failureCount' | 'rise'>;

/** The real servers of a section; a range becomes several. */
export function resolveReals(
  id: VirtualId,
  section: Section,
  rhythm: Rhythm,
  context: ResolveContext,
): readonly RealServer[] {
  const build = checkBuilder(id, section, context);
  const reals: RealServer[] = [];
  const seen = new Map<string, { readonly first: RealServer; count: number }>();
  for (const setting of settingsOfBoth(section.body, d.real, d.real6)) {
    const before = reals.length;
    let isDoubted = false;
    for (const real of resolveLine(id, section.body, setting, build, rhythm, context)) {
      const known = seen.get(real.key);
      if (known === undefined) {
        seen.set(real.key, { first: real, count: 1 });
        reals.push(real);
        continue;
      }
      known.count++;
      reals.push({ ...real, key: `${real.key}#${known.count}` });
      // of a range one word is enough
      if (!isDoubted) isDoubted = warnRepeated(real, known.first, setting, context);
    }
    if (before <= manyReals && reals.length > manyReals) warnMany(reals.length, setting, context);
  }
  return reals;
}

function resolveLine(
  id: VirtualId,
  own: readonly DirectiveLine[],
  setting: Setting<RealLine>,
  build: CheckBuilder,
  rhythm: Rhythm,
  context: ResolveContext,
): readonly RealServer[] {
  const { value, line } = setting;
  if (!hasFamily(value.host, id.family, line, context)) return [];
  const port = value.port ? portOf(value.port, ['tcp', 'udp'], line, context) : 0;
  const addresses = addressesOf(setting, context);
  const isMonitored = lastSetting(own, d.monitorfile) !== undefined;
  if (port === undefined) return [];
  return addresses.flatMap((address, index) => {
    const target = { family: id.family, address, port };
    const definition = build(target, value, line, index === 0);
    if (definition === undefined) return [];
    return {
      key: endpointText(target),
      ...target,
      forward: value.forward,
      weight: value.weight,
      upperThreshold: value.upper,
      lowerThreshold: value.lower,
      checks: [
        {
          name: 'checktype',
          definition,
          ...rhythm,
          warmupMs: 0,
          alpha: true,
          ...(isMonitored && { identity: checkIdentity(id, own, value, target) }),
        },
      ],
      line: line.number,
    };
  });
}

function addressesOf(
  { value, line }: Setting<RealLine>,
  context: ResolveContext,
): readonly string[] {
  const first = addressOf(value.host, line, context);
  if (value.last === undefined) return first === undefined ? [] : [first.address];
  const last = addressOf(value.last, line, context);
  if (first === undefined || last === undefined) return [];
  const range = addressRange(first.address, last.address);
  if (typeof range !== 'string') return range;
  const at = { start: value.host.at.start, end: value.last.at.end };
  const names = `${first.address}->${last.address}`;
  valueReport(context.report, line).error(
    'range',
    range === 'reversed'
      ? `invalid range ${names}: expected the last address not to be below the first`
      : `invalid range ${names}: expected at most ${maxRange} addresses`,
    at,
  );
  return [];
}

function warnMany(count: number, { line }: Setting<RealLine>, context: ResolveContext): void {
  const message = `${count} real servers in this section up to here, each of them with checks of its own: is that meant?`;
  valueReport(context.report, line).warn('many-reals', message);
}

/**
 * The kernel has one entry for the two; ldirectord lets them overwrite each other in turn.
 *
 * @returns whether there was anything to say.
 */
function warnRepeated(
  real: RealServer,
  first: RealServer,
  { line }: Setting<RealLine>,
  context: ResolveContext,
): boolean {
  const same =
    first.weight === real.weight &&
    first.forward === real.forward &&
    first.upperThreshold === real.upperThreshold &&
    first.lowerThreshold === real.lowerThreshold;
  if (same) return false;
  const message = `${real.key} stands in line ${first.line} with another weight, method or threshold`;
  valueReport(context.report, line).warn('repeated-real', message);
  return true;
}

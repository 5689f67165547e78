import type { Endpoint } from '../endpoint.ts';
import { endpointText } from '../keys.ts';
import type { RealServer, ServerCheck, VirtualId } from '../model.ts';
import { addressRange, maxRange } from './address-range.ts';
import type { CheckBlock } from './check-block.ts';
import { type CheckBuilder, checkBuilder } from './check-definition.ts';
import { checkIdentity } from './check-identity.ts';
import { addressOf, hasFamily, portOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { type BlockChecks, blockChecks, type Rhythm, readBlocks } from './resolve-checks.ts';
import { given, lastSetting, type Setting, settingsOfBoth } from './settings.ts';
import type { DirectiveLine, Section, ServerPart } from './syntax.ts';
import type { RealLine } from './values/real-line.ts';

/** More servers than this in one section are likely a slip in a range. */
const manyReals = 1024;

/** The real servers of a section; a range becomes several. */
export function resolveReals(
  id: VirtualId,
  section: Section,
  rhythm: Rhythm,
  context: ResolveContext,
): readonly RealServer[] {
  const common: Common = {
    id,
    own: section.body,
    rhythm,
    checktype: checkBuilder(id, section, context),
    // errors in them are reported also when there is no server
    blocks: readBlocks(section.blocks, context),
    blockChecks: blockChecks(id, section, rhythm, context),
  };
  const parts = new Map(section.servers.map((part) => [part.line, part]));
  const reals: RealServer[] = [];
  const seen = new Map<string, { readonly first: RealServer; count: number }>();
  for (const setting of settingsOfBoth(section.body, d.real, d.real6)) {
    const before = reals.length;
    let isDoubted = false;
    for (const real of resolveLine(common, setting, parts.get(setting.line), context)) {
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

/** What the real servers of a section have in common. */
interface Common {
  readonly id: VirtualId;
  readonly own: readonly DirectiveLine[];
  readonly rhythm: Rhythm;
  readonly checktype: CheckBuilder;
  /** Checks of all of them; undefined after an error. */
  readonly blocks: readonly CheckBlock[] | undefined;
  readonly blockChecks: BlockChecks;
}

function resolveLine(
  common: Common,
  setting: Setting<RealLine>,
  part: ServerPart | undefined,
  context: ResolveContext,
): readonly RealServer[] {
  const { id } = common;
  const { value, line } = setting;
  const ownBlocks = readBlocks(part?.blocks ?? [], context);
  const blocks = ownBlocks && common.blocks && [...common.blocks, ...ownBlocks];
  if (!hasFamily(value.host, id.family, line, context)) return [];
  const port = value.port ? portOf(value.port, ['tcp', 'udp'], line, context) : 0;
  const addresses = addressesOf(setting, context);
  const more = settingsOfOne(common.own, part, context);
  if (port === undefined || blocks === undefined) return [];
  return addresses.flatMap((address, index) => {
    const target = { family: id.family, address, port };
    const { forward, weight, tunnel } = value;
    const checks = [
      ...checktypeOf(common, setting, target, blocks, index === 0),
      ...(common.blockChecks(blocks, { ...target, forward, weight }) ?? []),
    ];
    // after an error
    if (checks.length === 0) return [];
    return {
      key: endpointText(target),
      ...target,
      forward,
      weight,
      upperThreshold: value.upper,
      lowerThreshold: value.lower,
      checks,
      ...(tunnel !== undefined && { tunnel }),
      ...more,
      line: line.number,
    };
  });
}

/** The check of ldirectord's directives: where there is no other one, or the section asks for it. */
function checktypeOf(
  { id, own, rhythm, checktype }: Common,
  { value, line }: Setting<RealLine>,
  target: Endpoint,
  blocks: readonly CheckBlock[],
  first: boolean,
): readonly ServerCheck[] {
  if (blocks.length > 0 && lastSetting(own, d.checktype) === undefined) return [];
  const definition = checktype(target, value, line, first);
  if (definition === undefined) return [];
  const isMonitored = lastSetting(own, d.monitorfile) !== undefined;
  return [
    {
      name: 'checktype',
      definition,
      ...rhythm,
      warmupMs: 0,
      alpha: true,
      ...(isMonitored && { identity: checkIdentity(id, own, value, target) }),
    },
  ];
}

/** What a line below the server's says for it alone, else the section's, else the global one. */
function settingsOfOne(
  own: readonly DirectiveLine[],
  part: ServerPart | undefined,
  { globals }: ResolveContext,
): Pick<RealServer, 'inhibit' | 'notifyUp' | 'notifyDown'> {
  const places = [part?.body ?? [], own, globals];
  const inhibit = given(d.inhibit, ...places);
  const notifyUp = given(d.notifyup, ...places);
  const notifyDown = given(d.notifydown, ...places);
  return {
    ...(inhibit !== undefined && { inhibit }),
    ...(notifyUp !== undefined && { notifyUp }),
    ...(notifyDown !== undefined && { notifyDown }),
  };
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

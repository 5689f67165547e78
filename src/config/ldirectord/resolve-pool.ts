import type { Quorum, RealServer, VirtualServer } from '../model.ts';
import type { ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { nameStretch } from './report.ts';
import { effective, given, lastSetting } from './settings.ts';
import type { DirectiveLine, Section } from './syntax.ts';

/** When the real servers of a section are in use, and how they come into it. */
export function resolvePool(
  section: Section,
  reals: readonly RealServer[],
  context: ResolveContext,
): Pick<VirtualServer, 'quorum' | 'slowStartMs' | 'damping' | 'fallbackQuiescent'> {
  const both = [section.body, context.globals];
  const quorum = resolveQuorum(section.body, context.globals);
  if (quorum !== undefined) warnOfQuorum(quorum, section, reals, context);
  const damping = given(d.damping, ...both);
  return {
    fallbackQuiescent: effective(d.fallbackquiescent, ...both),
    ...(quorum !== undefined && { quorum }),
    slowStartMs: effective(d.slowstart, ...both),
    ...(damping !== undefined && damping !== 'off' && { damping }),
  };
}

/** Any of its words makes one; the weight is 1 if it is not said. */
function resolveQuorum(
  own: readonly DirectiveLine[],
  globals: readonly DirectiveLine[],
): Quorum | undefined {
  const weight = given(d.quorum, own, globals);
  const hysteresis = given(d.hysteresis, own, globals);
  const upCommand = given(d.quorumup, own);
  const downCommand = given(d.quorumdown, own);
  if ((weight ?? hysteresis ?? upCommand ?? downCommand) === undefined) return undefined;
  return {
    weight: weight ?? 1,
    hysteresis: hysteresis ?? 0,
    ...(upCommand !== undefined && { upCommand }),
    ...(downCommand !== undefined && { downCommand }),
  };
}

function warnOfQuorum(
  { weight, hysteresis }: Quorum,
  { head, body }: Section,
  reals: readonly RealServer[],
  { globals, report }: ResolveContext,
): void {
  const quorumLine = (lastSetting(body, d.quorum) ?? lastSetting(globals, d.quorum))?.line;
  const hysteresisLine = (lastSetting(body, d.hysteresis) ?? lastSetting(globals, d.hysteresis))
    ?.line;
  const all = reals.reduce((sum, real) => sum + real.weight, 0);
  if (reals.length > 0 && weight + hysteresis > all) {
    const line = quorumLine ?? hysteresisLine ?? head;
    const sum = hysteresis === 0 ? `${weight}` : `${weight} + ${hysteresis}`;
    const message =
      `quorum: ${sum} is more than all real servers of line ${head.number} weigh together,` +
      ` ${all}, so that it is never gained`;
    report.warn(line, 'quorum', message, nameStretch(line));
  } else if (hysteresis >= weight && hysteresis > 0) {
    const line = hysteresisLine ?? head;
    const message = `hysteresis: ${hysteresis} is not below the quorum, ${weight}, so that only the last real server loses it`;
    report.warn(line, 'quorum', message, nameStretch(line));
  }
}

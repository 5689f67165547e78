import { virtualKey } from '../keys.ts';
import type { Config, VirtualServer } from '../model.ts';
import { checkDefinitions, warnUnused } from './check-definitions.ts';
import { placeOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { type GlobalFallbacks, globalFallbacks } from './resolve-fallback.ts';
import { reportMarkConflicts } from './resolve-marks.ts';
import { resolveVirtual } from './resolve-virtual.ts';
import { allSettings, effective, given } from './settings.ts';
import type { DirectiveLine, Section, SyntaxTree } from './syntax.ts';

/**
 * Syntax trees to configuration: defaults, inheritance, names. Pure but for the name table, which
 * notes the names it was asked for.
 *
 * @param files - for `Config.path` and `Config.files`.
 * @returns what could be made of it; only worth anything when no error was reported.
 */
export function resolve(
  content: Pick<SyntaxTree, 'globals' | 'definitions' | 'servers' | 'sections'>,
  files: readonly [path: string, ...included: readonly string[]],
  surroundings: Omit<ResolveContext, 'globals' | 'definitions' | 'servers'>,
): Config {
  const { globals, sections, servers } = content;
  const { report } = surroundings;
  const definitions = checkDefinitions(content.definitions, surroundings);
  warnUnused(definitions, sections, servers, report);
  const context: ResolveContext = { ...surroundings, globals, servers, definitions };
  const [path] = files;
  const fallbacks = globalFallbacks(context);
  const callback = given(d.callback, globals);
  const maintenanceDir = given(d.maintenancedir, globals);
  const emailAlertFrom = given(d.emailalertfrom, globals);
  return {
    path,
    files,
    virtuals: resolveVirtuals(sections, fallbacks, context),
    autoreload: effective(d.autoreload, globals),
    ...(callback !== undefined && { callback }),
    logfile: effective(d.logfile, globals),
    supervised: effective(d.supervised, globals),
    fork: effective(d.fork, globals),
    execute: allSettings(globals, d.execute).map((setting) => setting.value),
    ...(maintenanceDir !== undefined && { maintenanceDir }),
    standby: {
      checks: effective(d.standbychecks, globals),
      table: effective(d.standbytable, globals),
    },
    ...(emailAlertFrom !== undefined && { emailAlertFrom }),
  };
}

function resolveVirtuals(
  sections: SyntaxTree['sections'],
  fallbacks: GlobalFallbacks,
  context: ResolveContext,
): readonly VirtualServer[] {
  const seen = new Map<string, DirectiveLine>();
  const resolved: { readonly section: Section; readonly virtual: VirtualServer }[] = [];
  for (const section of sections) {
    const virtual = resolveVirtual(section, fallbacks, context);
    if (virtual === undefined) continue;
    resolved.push({ section, virtual });
    const key = virtualKey(virtual.id);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, section.head);
    } else {
      valueReport(context.report, section.head).error(
        'duplicate-virtual',
        `duplicate virtual server ${key}, ${placeOf(first, section.head, context.includedFile)} has it already`,
      );
    }
  }
  reportMarkConflicts(resolved, context);
  return resolved.map(({ virtual }) => virtual);
}

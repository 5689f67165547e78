import { virtualKey } from '../keys.ts';
import type { Config, VirtualServer } from '../model.ts';
import type { ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { checkGlobalFallbacks } from './resolve-fallback.ts';
import { resolveVirtual } from './resolve-virtual.ts';
import { allSettings, effective, given } from './settings.ts';
import type { SyntaxTree } from './syntax.ts';

/**
 * Syntax tree to configuration: defaults, inheritance, names. Pure but for the name table, which
 * notes the names it was asked for.
 *
 * @returns what could be made of it; only worth anything when no error was reported.
 */
export function resolve(tree: SyntaxTree, path: string, context: ResolveContext): Config {
  const { globals } = tree;
  checkGlobalFallbacks(context);
  const callback = given(d.callback, globals);
  const maintenanceDir = given(d.maintenancedir, globals);
  const emailAlertFrom = given(d.emailalertfrom, globals);
  return {
    path,
    virtuals: resolveVirtuals(tree, context),
    autoreload: effective(d.autoreload, globals),
    ...(callback !== undefined && { callback }),
    logfile: effective(d.logfile, globals),
    supervised: effective(d.supervised, globals),
    fork: effective(d.fork, globals),
    execute: allSettings(globals, d.execute).map((setting) => setting.value),
    ...(maintenanceDir !== undefined && { maintenanceDir }),
    ...(emailAlertFrom !== undefined && { emailAlertFrom }),
  };
}

function resolveVirtuals(tree: SyntaxTree, context: ResolveContext): readonly VirtualServer[] {
  const seen = new Map<string, number>();
  const virtuals: VirtualServer[] = [];
  for (const section of tree.sections) {
    const virtual = resolveVirtual(section, context);
    if (virtual === undefined) continue;
    virtuals.push(virtual);
    const key = virtualKey(virtual.id);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, section.head.number);
    } else {
      valueReport(context.report, section.head).error(
        'duplicate-virtual',
        `duplicate virtual server ${key}, line ${first} has it already`,
      );
    }
  }
  return virtuals;
}

import { endpointText } from '../keys.ts';
import type { AddressFamily, FallbackServer, VirtualId } from '../model.ts';
import { addressOf, hasFamily, portOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { type Setting, settingsOfBoth } from './settings.ts';
import type { DirectiveLine, Section } from './syntax.ts';
import type { FallbackLine } from './values/fallback-line.ts';

/** The last global fallback of each family. */
export type GlobalFallbacks = ReadonlyMap<AddressFamily, Setting<FallbackLine>>;

/**
 * The section's own fallback, else the global one of the virtual's family.
 *
 * @param globals - as of `globalFallbacks`.
 */
export function resolveFallbacks(
  id: VirtualId,
  section: Section,
  globals: GlobalFallbacks,
  context: ResolveContext,
): readonly FallbackServer[] {
  const own = fallbacks(section.body);
  for (const { value, line } of own) {
    if (!hasFamily(value.host, id.family, line, context)) return [];
  }
  const setting = own.at(-1) ?? globals.get(id.family);
  const fallback = setting && resolveOne(id, setting, context);
  return fallback === undefined ? [] : [fallback];
}

/** The global fallbacks; they must be right even when no virtual has need of them. */
export function globalFallbacks(context: ResolveContext): GlobalFallbacks {
  const settings = fallbacks(context.globals);
  for (const { value, line } of settings) {
    addressOf(value.host, line, context);
    if (value.port?.value.kind !== 'name') continue;
    const message = `port "${value.port.value.name}" looked up for the protocol of each section`;
    valueReport(context.report, line).assume('port', message, value.port.at);
  }
  return new Map(settings.map((setting) => [setting.value.host.value.family, setting]));
}

/** Both spellings, in the order of the file. */
function fallbacks(lines: readonly DirectiveLine[]): readonly Setting<FallbackLine>[] {
  return settingsOfBoth(lines, d.fallback, d.fallback6);
}

function resolveOne(
  id: VirtualId,
  { value, line }: Setting<FallbackLine>,
  context: ResolveContext,
): FallbackServer | undefined {
  const host = addressOf(value.host, line, context);
  const protocols = 'fwmark' in id ? (['tcp', 'udp'] as const) : [id.protocol];
  const ownPort = 'fwmark' in id ? 0 : id.port;
  const port = value.port ? portOf(value.port, protocols, line, context) : ownPort;
  if (host === undefined || port === undefined) return undefined;
  const endpoint = { ...host, port };
  const key = `fallback ${endpointText(endpoint)}`;
  return { key, ...endpoint, forward: value.forward, weight: 1, priority: 1, checks: [] };
}

import { endpointText } from '../keys.ts';
import type { FallbackServer, VirtualId } from '../model.ts';
import { addressOf, hasFamily, portOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { allSettings, type Setting } from './settings.ts';
import type { DirectiveLine, Section } from './syntax.ts';
import type { FallbackLine } from './values/fallback-line.ts';

/** The section's own fallback, else the global one of the virtual's family. */
export function resolveFallbacks(
  id: VirtualId,
  section: Section,
  context: ResolveContext,
): readonly FallbackServer[] {
  const own = fallbacks(section.body);
  for (const { value, line } of own) {
    if (!hasFamily(value.host, id.family, line, context)) return [];
  }
  const setting =
    own.at(-1) ??
    fallbacks(context.globals).findLast(({ value }) => value.host.value.family === id.family);
  const fallback = setting && resolveOne(id, setting, context);
  return fallback === undefined ? [] : [fallback];
}

/** Global fallbacks must be right even when no virtual has need of them. */
export function checkGlobalFallbacks(context: ResolveContext): void {
  for (const { value, line } of fallbacks(context.globals)) {
    addressOf(value.host, line, context);
    if (value.port?.value.kind !== 'name') continue;
    const message = `port "${value.port.value.name}" looked up for the protocol of each section`;
    valueReport(context.report, line).assume('port', message, value.port.at);
  }
}

/** Both spellings, in the order of the file. */
function fallbacks(lines: readonly DirectiveLine[]): readonly Setting<FallbackLine>[] {
  return lines.flatMap((line) => [
    ...allSettings([line], d.fallback),
    ...allSettings([line], d.fallback6),
  ]);
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

import type { AddressFamily } from '../endpoint.ts';
import { endpointText } from '../keys.ts';
import type { FallbackServer, VirtualId } from '../model.ts';
import { addressOf, hasFamily, portOf, portProtocols, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { nameStretch, valueReport } from './report.ts';
import { type BlockChecks, blockChecks, type Rhythm, readBlocks } from './resolve-checks.ts';
import { type Setting, settingsOfBoth } from './settings.ts';
import type { DirectiveLine, Section, ServerPart } from './syntax.ts';
import type { FallbackLine } from './values/fallback-line.ts';

/** The global fallbacks in force for each family, each with what stands below it. */
export type GlobalFallbacks = ReadonlyMap<AddressFamily, readonly FallbackSetting[]>;

interface FallbackSetting extends Setting<FallbackLine> {
  readonly part: ServerPart | undefined;
}

/**
 * The section's own fallbacks, else the global ones of the virtual's family.
 *
 * @param globals - as of `globalFallbacks`.
 */
export function resolveFallbacks(
  id: VirtualId,
  section: Section,
  rhythm: Rhythm,
  globals: GlobalFallbacks,
  context: ResolveContext,
): readonly FallbackServer[] {
  checkParts(section.servers, context);
  const own = fallbacks(section.body);
  for (const { value, line } of own) {
    if (!hasFamily(value.host, id.family, line, context)) return [];
  }
  const settings = own.length > 0 ? inForce(own, section.servers) : globals.get(id.family);
  const checks = blockChecks(id, section, rhythm, context);
  const found = new Map<string, FallbackServer>();
  for (const setting of settings ?? []) {
    const fallback = resolveOne(id, setting, checks, context);
    if (fallback === undefined) continue;
    if (found.has(fallback.key)) {
      const message = `${endpointText(fallback)} stands in another line already`;
      valueReport(context.report, setting.line).error('repeated-fallback', message);
    }
    found.set(fallback.key, fallback);
  }
  return [...found.values()];
}

/** The last line; or all of them, where any has a priority. */
function inForce(
  settings: readonly Setting<FallbackLine>[],
  servers: readonly ServerPart[],
): readonly FallbackSetting[] {
  const isPool = settings.some(({ value }) => value.priority !== undefined);
  const parts = new Map(servers.map((part) => [part.line, part]));
  return (isPool ? settings : settings.slice(-1)).map((setting) => ({
    ...setting,
    part: parts.get(setting.line),
  }));
}

/** The global fallbacks; they must be right even when no virtual has need of them. */
export function globalFallbacks(context: ResolveContext): GlobalFallbacks {
  checkParts(context.servers, context);
  const settings = fallbacks(context.globals);
  for (const { value, line } of settings) {
    addressOf(value.host, line, context);
    if (value.port?.value.kind !== 'name') continue;
    const message = `port "${value.port.value.name}" looked up for the protocol of each section`;
    valueReport(context.report, line).assume('port', message, value.port.at);
  }
  const families = ['inet', 'inet6'] as const;
  return new Map(
    families.map((family) => {
      const ofFamily = settings.filter(({ value }) => value.host.value.family === family);
      return [family, inForce(ofFamily, context.servers)];
    }),
  );
}

/** Both spellings, in the order of the file. */
function fallbacks(lines: readonly DirectiveLine[]): readonly Setting<FallbackLine>[] {
  return settingsOfBoth(lines, d.fallback, d.fallback6);
}

function resolveOne(
  id: VirtualId,
  { value, line, part }: FallbackSetting,
  checksOf: BlockChecks,
  context: ResolveContext,
): FallbackServer | undefined {
  const blocks = readBlocks(part?.blocks ?? [], context);
  const host = addressOf(value.host, line, context);
  const protocols = 'fwmark' in id ? (['tcp', 'udp'] as const) : portProtocols(id.protocol);
  const ownPort = 'fwmark' in id ? 0 : id.port;
  const port = value.port ? portOf(value.port, protocols, line, context) : ownPort;
  if (host === undefined || port === undefined || blocks === undefined) return undefined;
  const { forward, weight = 1, priority = 1, tunnel } = value;
  const endpoint = { ...host, port };
  const checks = checksOf(blocks, { ...endpoint, weight, forward });
  if (checks === undefined) return undefined;
  const key = `fallback ${endpointText(endpoint)}`;
  const envelope = tunnel !== undefined && { tunnel };
  return { key, ...endpoint, forward, ...envelope, weight, priority, checks };
}

/** What stands below fallbacks must be right also where they are not in use. */
function checkParts(servers: readonly ServerPart[], context: ResolveContext): void {
  for (const { line: server, body, blocks } of servers) {
    if (server.name.startsWith('real')) continue;
    readBlocks(blocks, context);
    for (const line of body) {
      const message = `${line.name}: expected below a real server or a virtual server, not below a ${server.name}`;
      context.report.error(line, 'scope', message, nameStretch(line));
    }
  }
}

import { endpointText } from '../keys.ts';
import type { FallbackServer, VirtualId } from '../model.ts';
import { addressOf, hasFamily, portOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { nameStretch, valueReport } from './report.ts';
import { type BlockChecks, blockChecks, type Rhythm, readBlocks } from './resolve-checks.ts';
import { allSettings, type Setting } from './settings.ts';
import type { DirectiveLine, Section, ServerPart } from './syntax.ts';
import type { FallbackLine } from './values/fallback-line.ts';

/**
 * The section's own fallbacks, else the global ones of the virtual's family: the last line, or all
 * of them where any has a priority.
 */
export function resolveFallbacks(
  id: VirtualId,
  section: Section,
  rhythm: Rhythm,
  context: ResolveContext,
): readonly FallbackServer[] {
  checkParts(section.servers, context);
  const own = fallbacks(section.body);
  for (const { value, line } of own) {
    if (!hasFamily(value.host, id.family, line, context)) return [];
  }
  const inReach =
    own.length > 0
      ? own
      : fallbacks(context.globals).filter(({ value }) => value.host.value.family === id.family);
  const isPool = inReach.some(({ value }) => value.priority !== undefined);
  const servers = own.length > 0 ? section.servers : context.servers;
  const checks = blockChecks(id, section, rhythm, context);
  const found: FallbackServer[] = [];
  for (const setting of isPool ? inReach : inReach.slice(-1)) {
    const part = servers.find(({ line }) => line === setting.line);
    const fallback = resolveOne(id, setting, part, checks, context);
    if (fallback === undefined) continue;
    if (found.some(({ key }) => key === fallback.key)) {
      const message = `${endpointText(fallback)} stands in another line already`;
      valueReport(context.report, setting.line).error('repeated-fallback', message);
    }
    found.push(fallback);
  }
  return found;
}

/** Global fallbacks must be right even when no virtual has need of them. */
export function checkGlobalFallbacks(context: ResolveContext): void {
  checkParts(context.servers, context);
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
  part: ServerPart | undefined,
  checksOf: BlockChecks,
  context: ResolveContext,
): FallbackServer | undefined {
  const blocks = readBlocks(part?.blocks ?? [], context);
  const host = addressOf(value.host, line, context);
  const protocols = 'fwmark' in id ? (['tcp', 'udp'] as const) : [id.protocol];
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

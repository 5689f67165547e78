import { virtualKey } from '../keys.ts';
import type { MarkedPackets, VirtualId, VirtualServer } from '../model.ts';
import {
  addressOf,
  hasFamily,
  placeOf,
  portOf,
  portProtocols,
  type ResolveContext,
} from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { allSettings, type Setting } from './settings.ts';
import type { DirectiveLine, Section } from './syntax.ts';
import type { MarkedAddress } from './values/marked-packets.ts';

/** The packets that a section wants to be marked for it. */
export function resolveMarks(
  id: VirtualId,
  { body }: Section,
  context: ResolveContext,
): Pick<VirtualServer, 'markFor'> {
  const settings = allSettings(body, d.markfor);
  const [first] = settings;
  if (first === undefined) return {};
  if (!('fwmark' in id)) {
    const message = 'belongs into the section of a firewall mark (virtual = MARK)';
    valueReport(context.report, first.line).error('markfor', message);
    return {};
  }
  return { markFor: settings.flatMap((setting) => resolveOne(id, setting, context) ?? []) };
}

function resolveOne(
  id: VirtualId,
  { value, line }: Setting<MarkedAddress>,
  context: ResolveContext,
): MarkedPackets | undefined {
  if (!hasFamily(value.host, id.family, line, context)) return undefined;
  const host = addressOf(value.host, line, context);
  const { protocol } = value;
  const port = portOf(value.port, portProtocols(protocol), line, context);
  return host && port !== undefined ? { ...host, protocol, port, line: line.number } : undefined;
}

/** What balances an address and port, with the line that says so. */
interface Claim {
  readonly line: DirectiveLine;
  readonly isMark: boolean;
}

/**
 * Two marks for one packet: only one of them counts. A mark and a section of its own: packets that
 * are left without the mark on purpose would be balanced by the other one.
 */
export function reportMarkConflicts(
  resolved: readonly { readonly section: Section; readonly virtual: VirtualServer }[],
  { report, includedFile }: ResolveContext,
): void {
  const claims = new Map<string, Claim>();
  for (const { section, virtual } of resolved) {
    if ('port' in virtual.id) {
      claims.set(virtualKey(virtual.id), { line: section.head, isMark: false });
    }
  }
  for (const { section, virtual } of resolved) {
    for (const packets of virtual.markFor ?? []) {
      const line = section.body.find(({ number }) => number === packets.line);
      if (line === undefined) continue;
      const key = virtualKey(packets);
      const other = claims.get(key);
      claims.set(key, { line, isMark: true });
      if (other === undefined) continue;
      const place = placeOf(other.line, line, includedFile);
      const what = other.isMark ? 'a mark' : 'a section';
      valueReport(report, line).error('markfor', `${key} is taken, ${place} has ${what} for it`);
    }
  }
}

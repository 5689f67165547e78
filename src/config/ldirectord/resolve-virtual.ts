import { endpointText } from '../keys.ts';
import type { CheckIntervals, EmailAlert, VirtualId, VirtualServer } from '../model.ts';
import { addressOf, portOf, portProtocols, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import type { Rhythm } from './resolve-checks.ts';
import { type GlobalFallbacks, resolveFallbacks } from './resolve-fallback.ts';
import { resolveMarks } from './resolve-marks.ts';
import { resolvePool } from './resolve-pool.ts';
import { resolveReals } from './resolve-reals.ts';
import { effective, given, lastSetting } from './settings.ts';
import type { DirectiveLine, Section } from './syntax.ts';
import type { VirtualAddress } from './values/virtual-address.ts';

/**
 * One section to one virtual server; undefined when it has no identity.
 *
 * @param fallbacks - the global ones.
 */
export function resolveVirtual(
  section: Section,
  fallbacks: GlobalFallbacks,
  context: ResolveContext,
): VirtualServer | undefined {
  const id = resolveId(section, context);
  if (id === undefined) return undefined;
  const own = section.body;
  const both = [own, context.globals];
  const rhythm: Rhythm = {
    intervals: resolveIntervals(both),
    failureCount: effective(d.failurecount, ...both),
    rise: effective(d.rise, ...both),
  };
  const reals = resolveReals(id, section, rhythm, context);
  const persistence = resolvePersistence(id, section, context);
  const fallbackCommand = given(d.fallbackcommand, ...both);
  const minimum = given(d.minservers, ...both);
  const monitorFile = given(d.monitorfile, own);
  const serviceName = effective(d.servicename, own);
  const comment = effective(d.comment, own);
  const file = context.includedFile(section.head);
  return {
    id,
    label: 'fwmark' in id ? String(id.fwmark) : endpointText(id),
    ...resolveMarks(id, section, context),
    reals,
    fallbacks: resolveFallbacks(id, section, rhythm, fallbacks, context),
    ...resolvePool(section, reals, context),
    scheduler: effective(d.scheduler, own),
    schedulerFlags: effective(d.schedflags, own),
    ...persistence,
    ...resolveEngine(section, persistence.persistentS, context),
    onePacket: resolveOnePacket(id, own, context),
    quiescent: effective(d.quiescent, ...both),
    readdQuiescent: effective(d.readdquiescent, context.globals),
    cleanstop: effective(d.cleanstop, ...both),
    ...(minimum !== undefined && { minServers: minimum }),
    persistentClean: effective(d.persistentclean, ...both),
    ...rhythm,
    ...(fallbackCommand !== undefined && { fallbackCommand }),
    ...(monitorFile !== undefined && { monitorFile }),
    ...(serviceName !== '' && { serviceName }),
    ...(comment !== '' && { comment }),
    emailAlert: resolveEmailAlert(both),
    line: section.head.number,
    ...(file !== undefined && { file }),
  };
}

function resolveId(section: Section, context: ResolveContext): VirtualId | undefined {
  const { head, body } = section;
  const address = (lastSetting([head], d.virtual) ?? lastSetting([head], d.virtual6))?.value;
  if (address === undefined) return undefined;
  const setting = lastSetting(body, d.protocol);
  if (address.kind === 'fwmark') {
    if (setting !== undefined && setting.value !== 'fwm') {
      const message = 'must be fwm if the virtual service is a fwmark (a number)';
      valueReport(context.report, setting.line).error('protocol', message);
    }
    return { family: address.family, fwmark: address.fwmark };
  }
  if (setting?.value === 'fwm') {
    const message = 'must be tcp or udp if the virtual service is an address and port';
    valueReport(context.report, setting.line).error('protocol', message);
    return undefined;
  }
  const protocol = setting?.value ?? defaultProtocol(address);
  const host = addressOf(address.host, head, context);
  const port = portOf(address.port, portProtocols(protocol), head, context);
  return host && port !== undefined ? { ...host, protocol, port } : undefined;
}

/** ldirectord goes by the word in the file, not by the number it stands for. */
function defaultProtocol({ port }: VirtualAddress & { kind: 'endpoint' }): 'tcp' | 'udp' {
  const token = port.value.kind === 'number' ? port.value.port : port.value.name;
  return token === 53 || token === 'domain' ? 'udp' : 'tcp';
}

function resolveIntervals(both: readonly (readonly DirectiveLine[])[]): CheckIntervals {
  const normalS = effective(d.checkinterval, ...both);
  return {
    normalMs: normalS * 1000,
    fastMs: (given(d.fastinterval, ...both) ?? normalS) * 1000,
    downMs: (given(d.downinterval, ...both) ?? normalS) * 1000,
  };
}

function resolvePersistence(
  id: VirtualId,
  { head, body: own }: Section,
  context: ResolveContext,
): Pick<VirtualServer, 'persistentS' | 'netmask'> {
  const persistentS = effective(d.persistent, own);
  const netmask = lastSetting(own, d.netmask);
  if ('port' in id && id.port === 0 && persistentS === 0) {
    const message = 'port 0 stands for every port and needs "persistent"';
    valueReport(context.report, head).warn('port-zero', message);
  }
  if (netmask === undefined) return { persistentS };
  const findings = valueReport(context.report, netmask.line);
  const isQuad = netmask.value.includes('.');
  if (isQuad !== (id.family === 'inet')) {
    const want = isQuad ? 'a prefix length between 1 and 128' : 'dotted quad notation';
    findings.error('netmask', `${want} is required, got "${netmask.value}"`);
  } else if (persistentS === 0) {
    findings.warn('netmask', 'has no effect without persistent');
  }
  return persistentS === 0 ? { persistentS } : { persistentS, netmask: netmask.value };
}

/** A global one is for the sections with persistence. */
function resolveEngine(
  { body: own }: Section,
  persistentS: number,
  { globals, report }: ResolveContext,
): Pick<VirtualServer, 'persistentEngine'> {
  const setting = lastSetting(own, d.persistentengine);
  if (persistentS === 0) {
    const message = 'has no effect without persistent';
    if (setting !== undefined) valueReport(report, setting.line).warn('engine', message);
    return {};
  }
  const persistentEngine = setting?.value ?? given(d.persistentengine, globals);
  return persistentEngine === undefined ? {} : { persistentEngine };
}

function resolveOnePacket(
  id: VirtualId,
  own: readonly DirectiveLine[],
  context: ResolveContext,
): boolean {
  const ops = lastSetting(own, d.ops);
  if (ops === undefined || !ops.value) return false;
  if ('protocol' in id && id.protocol === 'udp') return true;
  valueReport(context.report, ops.line).warn('ops', 'has an effect on udp only, ignored');
  return false;
}

function resolveEmailAlert(both: readonly (readonly DirectiveLine[])[]): EmailAlert {
  const smtp = given(d.smtp, ...both);
  return {
    recipients: effective(d.emailalert, ...both),
    frequencyS: effective(d.emailalertfreq, ...both),
    statuses: effective(d.emailalertstatus, ...both),
    ...(smtp !== undefined && { smtp }),
  };
}

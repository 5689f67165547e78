import { commandWords } from '../command-words.ts';
import type { Config, FallbackServer, RealServer, VirtualServer } from '../model.ts';
import {
  blockEntry,
  type Entry,
  entry,
  printEntries,
  scriptText,
  wordText,
} from './blocks-text.ts';
import { exportChecks } from './export-checks.ts';
import { globalEntries, isTold, sslEntries } from './export-globals.ts';
import { type Finding, Findings, type Place } from './finding.ts';
import { reportLostDirectives, reportLostGlobals } from './lost-directives.ts';
import { knownSchedulers } from './virtual-keywords.ts';

/** A configuration as a keepalived.conf. */
export interface ExportResult {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** What all virtual servers add to. */
interface Exported {
  readonly findings: Findings;
  readonly trackFiles: Map<string, string>;
  readonly tls: Set<string>;
  /** Whether anybody gets mails. */
  readonly mails: boolean;
}

const methods = { masq: 'NAT', gate: 'DR', ipip: 'TUN' } as const;

/** Writes the virtual servers of a configuration as a keepalived.conf(5). */
export function exportKeepalived(config: Config): ExportResult {
  const exported: Exported = {
    findings: new Findings(),
    trackFiles: new Map(),
    tls: new Set(),
    mails: config.virtuals.some(({ emailAlert }) => isTold(emailAlert)),
  };
  const virtuals = config.virtuals.flatMap((virtual) => virtualEntry(virtual, config, exported));
  const files = [...exported.trackFiles].map(([name, path]) =>
    blockEntry('track_file', name, [entry('file', wordText(path) ?? path)]),
  );
  reportLostGlobals(config, exported.findings);
  const parts = [
    ...globalEntries(config, hasCommand(virtuals), exported.findings),
    ...sslEntries(config, exported.tls, exported.findings),
    ...files,
    ...virtuals,
  ];
  const head = `# Written by "ipvsd export" from ${config.path}\n`;
  const text = [head, ...parts.map((part) => printEntries([part]))].join('\n');
  return { text, findings: exported.findings.list.toSorted((a, b) => a.line - b.line) };
}

function virtualEntry(
  virtual: VirtualServer,
  config: Config,
  exported: Exported,
): readonly Entry[] {
  const { id, intervals, persistentS, quorum } = virtual;
  const { findings } = exported;
  const place = { file: virtual.file ?? config.path, line: virtual.line };
  const reals = virtual.reals.filter((real) => isExported(real, place.file, findings));
  if (reals.length === 0) {
    findings.add('lost', place, 'virtual', 'keepalived has none without real servers; left out');
    return [];
  }
  reportLostDirectives(virtual, place, findings);
  const target =
    'fwmark' in id ? `fwmark ${id.fwmark}` : `${id.address}${id.port === 0 ? '' : ` ${id.port}`}`;
  const alpha = virtual.reals.every(({ checks }) => checks.every((check) => check.alpha));
  const inhibit = virtual.quiescent && !virtual.persistentClean;
  const block = blockEntry('virtual_server', target, [
    ...('fwmark' in id && id.family === 'inet6' ? [entry('ip_family', 'inet6')] : []),
    ...('fwmark' in id ? [] : [entry('protocol', id.protocol.toUpperCase())]),
    entry('lvs_sched', schedulerWord(virtual.scheduler, place, findings)),
    ...virtual.schedulerFlags.map((flag) => entry(flag)),
    entry('delay_loop', intervals.normalMs / 1000),
    // 0 is for checks alone
    ...(virtual.failureCount > 1 ? [entry('retry', virtual.failureCount - 1)] : []),
    entry('delay_before_retry', intervals.fastMs / 1000),
    entry('warmup', 0),
    ...(alpha ? [entry('alpha')] : []),
    ...(inhibit ? [entry('inhibit_on_failure')] : []),
    ...(persistentS > 0 ? [entry('persistence_timeout', persistentS)] : []),
    ...(virtual.netmask === undefined ? [] : [entry('persistence_granularity', virtual.netmask)]),
    ...(virtual.persistentEngine === undefined
      ? []
      : [entry('persistence_engine', virtual.persistentEngine)]),
    ...(virtual.onePacket ? [entry('ops')] : []),
    ...(quorum === undefined ? [] : [entry('quorum', quorum.weight)]),
    ...(quorum === undefined ? [] : [entry('hysteresis', quorum.hysteresis)]),
    ...scriptEntry('quorum_up', quorum?.upCommand, place, findings),
    ...scriptEntry('quorum_down', quorum?.downCommand, place, findings),
    ...sorryEntries(virtual, place, findings),
    ...reals.map((real) => realEntry(real, virtual, place.file, exported)),
  ]);
  return [block];
}

const commandKeywords: ReadonlySet<string> = new Set([
  ...['quorum_up', 'quorum_down', 'notify_up', 'notify_down', 'misc_path'],
]);

function hasCommand(entries: readonly Entry[]): boolean {
  return entries.some(
    ({ keyword, block = [] }) => commandKeywords.has(keyword) || hasCommand(block),
  );
}

/** keepalived takes wlc for a name that it does not know. */
function schedulerWord(scheduler: string, place: Place, findings: Findings): string {
  if (knownSchedulers.includes(scheduler)) return scheduler;
  findings.add('lost', place, 'scheduler', `keepalived has no "${scheduler}"; wlc is in its place`);
  return 'wlc';
}

/** What keepalived would have in its table, or drop, against the file. */
function isExported({ key, line, checks }: RealServer, file: string, findings: Findings): boolean {
  const place = { file, line };
  if (key.includes('#')) {
    findings.add(
      'lost',
      place,
      'real',
      'keepalived has a server once in a virtual server; left out',
    );
    return false;
  }
  if (checks.some(({ definition }) => definition.type === 'off')) {
    findings.add('lost', place, 'checktype', 'off keeps the server out of the table; left out');
    return false;
  }
  return true;
}

function realEntry(
  real: RealServer,
  virtual: VirtualServer,
  file: string,
  exported: Exported,
): Entry {
  const place: Place = { file, line: real.line };
  const { findings } = exported;
  const { address, port, weight, upperThreshold, lowerThreshold, inhibit } = real;
  if (real.forward !== 'masq' && 'port' in virtual.id && port > 0 && port !== virtual.id.port) {
    const message = `${real.forward} does not change ports: keepalived gives it port ${virtual.id.port}`;
    findings.add('changed', place, 'real', message);
  }
  const checks = exportChecks({ ...exported, place, virtual, real });
  return blockEntry('real_server', `${address}${port === 0 ? '' : ` ${port}`}`, [
    entry('weight', weight),
    entry('lvs_method', methodText(real)),
    ...(upperThreshold > 0 ? [entry('uthreshold', upperThreshold)] : []),
    ...(lowerThreshold > 0 ? [entry('lthreshold', lowerThreshold)] : []),
    ...(inhibit === undefined ? [] : [entry('inhibit_on_failure', inhibit ? 'yes' : 'no')]),
    ...scriptEntry('notify_up', real.notifyUp, place, findings),
    ...scriptEntry('notify_down', real.notifyDown, place, findings),
    ...(exported.mails && !isTold(virtual.emailAlert) ? [entry('smtp_alert', 'no')] : []),
    ...checks,
  ]);
}

function methodText({ forward, tunnel }: Pick<RealServer, 'forward' | 'tunnel'>): string {
  if (tunnel === undefined) return methods[forward];
  const { type, port, checksum } = tunnel;
  return `TUN type ${type}${port > 0 ? ` port ${port}` : ''} ${checksum}`;
}

function scriptEntry(
  keyword: string,
  command: string | undefined,
  place: Place,
  findings: Findings,
): readonly Entry[] {
  if (command === undefined) return [];
  const script = scriptText(commandWords(command) ?? []);
  if (script !== undefined) return [entry(keyword, script)];
  const name = keyword.replace('_', '');
  findings.add('lost', place, name, 'its quotes cannot be written: put the command into a script');
  return [];
}

/** keepalived has one, of weight 1, and never checks it. */
function sorryEntries(
  { id, fallbacks, fallbackQuiescent }: VirtualServer,
  place: Place,
  findings: Findings,
): readonly Entry[] {
  const [first, ...others] = fallbacks.toSorted((a, b) => a.priority - b.priority);
  if (first === undefined) return [];
  if (others.length > 0) {
    const names = others.map(({ key }) => key.replace('fallback ', '')).join(', ');
    findings.add('lost', place, 'fallback', `keepalived has one sorry server; left out: ${names}`);
  }
  if (first.checks.length > 0) {
    findings.add('lost', place, 'fallback', 'keepalived never checks a sorry server');
  }
  const { port, forward } = first;
  if (forward !== 'masq' && 'port' in id && port > 0 && port !== id.port) {
    const message = `${forward} does not change ports: keepalived gives it port ${id.port}`;
    findings.add('changed', place, 'fallback', message);
  }
  if (first.weight !== 1) findings.add('changed', place, 'fallback', 'a sorry server has weight 1');
  return [
    entry('sorry_server', serverText(first)),
    entry('sorry_server_lvs_method', methodText(first)),
    ...(fallbackQuiescent ? [entry('sorry_server_inhibit')] : []),
  ];
}

function serverText({ address, port }: FallbackServer): string {
  return port === 0 ? address : `${address} ${port}`;
}

import { isIP } from 'node:net';
import { commandWords } from '../command-words.ts';
import type { Config, FallbackServer, RealServer, VirtualServer } from '../model.ts';
import { blockEntry, type Entry, entry, printEntries, scriptText, wordText } from './blocks-text.ts';
import { exportChecks } from './export-checks.ts';
import { type Finding, Findings, type Place } from './finding.ts';
import { reportLostDirectives, reportLostGlobals } from './lost-directives.ts';

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
}

const methods = { masq: 'NAT', gate: 'DR', ipip: 'TUN' } as const;

/** Writes the virtual servers of a configuration as a keepalived.conf(5). */
export function exportKeepalived(config: Config): ExportResult {
  const exported: Exported = {
    findings: new Findings(),
    trackFiles: new Map(),
    tls: new Set(),
  };
  const virtuals = config.virtuals.map((virtual) => virtualEntry(virtual, config, exported));
  const files = [...exported.trackFiles].map(([name, path]) =>
    blockEntry('track_file', name, [entry('file', wordText(path) ?? path)]),
  );
  reportLostGlobals(config, exported.findings);
  const parts = [
    ...mailEntries(config, exported.findings),
    ...sslEntries(config, exported),
    ...files,
    ...virtuals,
  ];
  const head = `# Written by "ipvsd export" from ${config.path}\n`;
  const text = [head, ...parts.map((part) => printEntries([part]))].join('\n');
  return { text, findings: exported.findings.list.toSorted((a, b) => a.line - b.line) };
}

function virtualEntry(virtual: VirtualServer, config: Config, exported: Exported): Entry {
  const { id, intervals, persistentS, quorum } = virtual;
  const { findings } = exported;
  const place = { file: virtual.file ?? config.path, line: virtual.line };
  reportLostDirectives(virtual, place, findings);
  const target =
    'fwmark' in id ? `fwmark ${id.fwmark}` : `${id.address}${id.port === 0 ? '' : ` ${id.port}`}`;
  const alpha = virtual.reals.every(({ checks }) => checks.every((check) => check.alpha));
  const inhibit = virtual.quiescent && !virtual.persistentClean;
  return blockEntry('virtual_server', target, [
    ...('fwmark' in id && id.family === 'inet6' ? [entry('ip_family', 'inet6')] : []),
    ...('fwmark' in id ? [] : [entry('protocol', id.protocol.toUpperCase())]),
    entry('lvs_sched', virtual.scheduler),
    ...virtual.schedulerFlags.map((flag) => entry(flag)),
    entry('delay_loop', intervals.normalMs / 1000),
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
    ...virtual.reals.map((real) => realEntry(real, virtual, place.file, exported)),
  ]);
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
  if (real.checks.some(({ definition }) => definition.type === 'off')) {
    const message = 'checktype=off keeps the server out of the table; keepalived has it in, unchecked';
    findings.add('lost', place, 'checktype', message);
  }
  if (real.forward !== 'masq' && 'port' in virtual.id && port !== virtual.id.port) {
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
  { fallbacks, fallbackQuiescent }: VirtualServer,
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

/** keepalived mails to the same people about all servers. */
function mailEntries({ virtuals, emailAlertFrom, path }: Config, findings: Findings): readonly Entry[] {
  const told = virtuals.filter(({ emailAlert }) => emailAlert.recipients.length > 0);
  const [first] = told;
  if (first === undefined) return [];
  const { recipients, smtp } = first.emailAlert;
  for (const { emailAlert, line } of virtuals) {
    if (JSON.stringify(emailAlert) === JSON.stringify(first.emailAlert)) continue;
    const message = 'keepalived mails to the same people about all servers; those of the first count';
    findings.add('lost', { file: path, line }, 'emailalert', message);
  }
  if (first.emailAlert.frequencyS > 0) {
    const place = { file: path, line: first.line };
    findings.add('lost', place, 'emailalertfreq', 'keepalived sends no reminders');
  }
  const [, host = '127.0.0.1', port = '25'] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(smtp ?? '127.0.0.1') ?? [];
  if (isIP(host) === 0) {
    const message = `keepalived looks "${host}" up once, when it reads its file`;
    findings.add('changed', { file: path, line: first.line }, 'smtp', message);
  }
  return [
    blockEntry('global_defs', '', [
      blockEntry('notification_email', '', recipients.map((one) => entry(one))),
      ...(emailAlertFrom === undefined ? [] : [entry('notification_email_from', emailAlertFrom)]),
      entry('smtp_server', host, port),
    ]),
  ];
}

/** Of several sets of files the first. */
function sslEntries({ path }: Config, { tls, findings }: Exported): readonly Entry[] {
  const [first, second] = tls;
  if (first === undefined) return [];
  if (second !== undefined) {
    const message = 'keepalived has one set of files for all checks over TLS; the first is written';
    findings.add('lost', { file: path, line: 1 }, 'cafile', message);
  }
  const names: unknown = JSON.parse(first);
  const files = Array.isArray(names) ? names.map(String) : [];
  const entries = ['ca', 'certificate', 'key'].flatMap((keyword, at) => {
    const file = files[at] ?? '';
    return file === '' ? [] : [entry(keyword, wordText(file) ?? file)];
  });
  return entries.length === 0 ? [] : [blockEntry('SSL', '', entries)];
}

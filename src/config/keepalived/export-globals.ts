import { isIP } from 'node:net';
import type { Config, EmailAlert } from '../model.ts';
import { blockEntry, type Entry, entry, wordText } from './blocks-text.ts';
import type { Findings } from './finding.ts';

/** The block of them; none without content. */
export function globalEntries(
  config: Config,
  hasCommands: boolean,
  findings: Findings,
): readonly Entry[] {
  const mails = mailEntries(config, findings);
  const entries = [...mails, ...(hasCommands ? commandEntries(config, findings) : [])];
  return entries.length === 0 ? [] : [blockEntry('global_defs', '', entries)];
}

/** Without them it prefers a user keepalived_script, and complains of every file with commands. */
function commandEntries({ path }: Config, findings: Findings): readonly Entry[] {
  const message = 'keepalived runs none that others than root may change, and no check by it';
  findings.add('changed', { file: path, line: 1 }, 'commands', message);
  return [entry('script_user', 'root'), entry('enable_script_security')];
}

/** keepalived mails to the same people about all servers. */
function mailEntries(
  { virtuals, emailAlertFrom, path }: Config,
  findings: Findings,
): readonly Entry[] {
  const told = virtuals.filter(({ emailAlert }) => isTold(emailAlert));
  const [first] = told;
  if (first === undefined) return [];
  const { recipients, smtp } = first.emailAlert;
  for (const { emailAlert, line } of virtuals) {
    if (emailAlert.statuses.length === 0) continue;
    if (JSON.stringify(emailAlert) === JSON.stringify(first.emailAlert)) continue;
    const message =
      'keepalived mails to the same people about all servers; those of the first count';
    findings.add('lost', { file: path, line }, 'emailalert', message);
  }
  if (first.emailAlert.frequencyS > 0) {
    const place = { file: path, line: first.line };
    findings.add('lost', place, 'emailalertfreq', 'keepalived sends no reminders');
  }
  const [, host = '127.0.0.1', port = '25'] =
    /^\[?(.*?)\]?(?::(\d+))?$/.exec(smtp ?? '127.0.0.1') ?? [];
  if (isIP(host) === 0) {
    const message = `keepalived looks "${host}" up once, when it reads its file`;
    findings.add('changed', { file: path, line: first.line }, 'smtp', message);
  }
  return [
    blockEntry(
      'notification_email',
      '',
      recipients.map((one) => entry(one)),
    ),
    ...(emailAlertFrom === undefined ? [] : [entry('notification_email_from', emailAlertFrom)]),
    entry('smtp_server', host, port),
  ];
}

/** Whether anybody gets mails about its servers. */
export function isTold({ recipients, statuses }: EmailAlert): boolean {
  return recipients.length > 0 && statuses.length > 0;
}

/** Of several sets of files the first. */
export function sslEntries(
  { path }: Config,
  tls: ReadonlySet<string>,
  findings: Findings,
): readonly Entry[] {
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

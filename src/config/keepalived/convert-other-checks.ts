import type { CheckContext } from './check-context.ts';
import type { Findings } from './finding.ts';
import { boolOf, inherited, timerOf, wordOf } from './inherit.ts';
import { type Item, quotedText } from './items.ts';
import { commandText, isRoot, readScript, unwritable } from './script-words.ts';
import type { Statement } from './tree.ts';
import { readWhole, secondsText } from './values.ts';

/** What the checks but HTTP have besides their target. @returns undefined when one cannot be. */
export function otherCheckItems(
  check: Statement,
  context: CheckContext,
): readonly Item[] | undefined {
  const block = check.block ?? [];
  switch (check.keyword) {
    case 'SMTP_CHECK':
      return [
        {
          name: 'helo',
          value: quotedText(wordOf([block], 'helo_name') ?? 'smtpchecker.keepalived.org'),
        },
      ];
    case 'DNS_CHECK':
      return [
        { name: 'query', value: wordOf([block], 'type') ?? 'SOA' },
        { name: 'name', value: wordOf([block], 'name') ?? '.' },
      ];
    case 'UDP_CHECK':
      return udpItems(check, context);
    case 'MISC_CHECK':
      return miscItems(check, context);
    case 'FILE_CHECK':
      return fileItems(check, context);
    default:
      return [];
  }
}

/** What keepalived sends without a payload is not in its manual. */
function udpItems(check: Statement, { findings }: CheckContext): readonly Item[] {
  const block = check.block ?? [];
  const payload = inherited([block], 'payload')?.words.join('');
  const reply = inherited([block], 'require_reply');
  const bytes = reply?.words.join('').toLowerCase() ?? '';
  const min = wordOf([block], 'min_reply_length');
  const max = wordOf([block], 'max_reply_length') ?? '255';
  if (payload === undefined) {
    const message = 'an empty datagram is sent; keepalived sends 32 bytes of its own: give one';
    findings.add(reply === undefined ? 'note' : 'changed', check, 'payload', message);
  }
  return [
    ...(payload === undefined ? [] : [{ name: 'payload', value: payload.toLowerCase() }]),
    ...(reply === undefined ? [] : [{ name: 'requirereply', value: 'yes' }]),
    ...(bytes === '' ? [] : [{ name: 'reply', value: bytes }]),
    // lengths count with reply bytes alone
    ...(bytes === '' || min === undefined ? [] : [{ name: 'minreply', value: min }]),
    ...(bytes === '' ? [] : [{ name: 'maxreply', value: max }]),
  ];
}

function miscItems(check: Statement, context: CheckContext): readonly Item[] | undefined {
  const block = check.block ?? [];
  const path = inherited([block], 'misc_path');
  const script = path && readScript(path.raw);
  if (script === undefined) {
    context.findings.add('error', path ?? check, 'misc_path', 'expected a command');
    return undefined;
  }
  const command = commandText(script.words);
  if (command === undefined) {
    context.findings.add('lost', path ?? check, 'misc_path', unwritable);
    return undefined;
  }
  const timeout = wordOf([block], 'misc_timeout');
  const loopUs = timerOf([context.virtual], 'delay_loop') ?? 60_000_000;
  const usual = inherited([context.globals], 'script_user');
  const user =
    inherited([block], 'user') ?? (usual === undefined || isRoot(usual.words) ? undefined : usual);
  return [
    { name: 'command', value: command },
    { name: 'timeout', value: timeout ?? secondsText(loopUs) },
    ...(boolOf([block], 'misc_dynamic') === true ? [{ name: 'dynamic', value: 'yes' }] : []),
    ...(user === undefined ? [] : [{ name: 'user', value: quotedText(user.words.join(' ')) }]),
  ];
}

function fileItems(check: Statement, context: CheckContext): readonly Item[] | undefined {
  const { findings, trackFiles } = context;
  const block = check.block ?? [];
  const name = inherited([block], 'track_file');
  const file = trackFiles.get(name?.words[0] ?? '');
  const path = file && wordOf([file], 'file');
  if (path === undefined) {
    const message = `expected the name of a track_file block with a file, got "${name?.words[0] ?? ''}"`;
    findings.add('error', name ?? check, 'track_file', message);
    return undefined;
  }
  if (!path.startsWith('/')) {
    findings.add(
      'error',
      name ?? check,
      'track_file',
      `expected a path from "/" on, got "${path}"`,
    );
    return undefined;
  }
  const weight = inherited([block], 'weight') ?? inherited([file ?? []], 'weight');
  const value = weight === undefined ? 1 : fileWeight(weight, findings);
  return [
    { name: 'path', value: quotedText(path) },
    { name: 'weight', value: String(value) },
  ];
}

/** `W [reverse|noreverse]`; reversed it is subtracted. */
function fileWeight(weight: Statement, findings: Findings): number {
  const [word = '', direction = 'noreverse'] = weight.words;
  const value = readWhole(word, -2_147_483_647, 2_147_483_647);
  if (value === undefined || !/^(no)?reverse$/.test(direction)) {
    const got = weight.words.join(' ');
    findings.add('error', weight, 'weight', `expected NUMBER [reverse|noreverse], got "${got}"`);
    return 0;
  }
  if (direction === 'noreverse') return value;
  if (value === 0) {
    findings.add('lost', weight, 'weight', 'with weight 0, reverse: any number but 0 is down here');
  }
  return 0 - value;
}

import { compileReceive } from '../receive.ts';
import { messageOf } from '../system-error.ts';
import type { CheckContext } from './check-context.ts';
import { withoutControls } from './control-characters.ts';
import { boolOf, inherited, wordOf } from './inherit.ts';
import { type Item, quotedText } from './items.ts';
import { readPattern } from './script-words.ts';
import { allOf, type Statement } from './tree.ts';

/** What HTTP_GET and SSL_GET have besides their target. @returns undefined when nothing is asked. */
export function httpItems(check: Statement, context: CheckContext): readonly Item[] | undefined {
  const block = check.block ?? [];
  const urls = allOf(block, 'url').flatMap((url) => urlItems(url, context));
  if (urls.length === 0) {
    const message = 'expected a url with a path; without one keepalived drops the check';
    context.findings.add('error', check, check.keyword, message);
    return undefined;
  }
  const protocol = wordOf([block], 'http_protocol');
  const host = wordOf([block, context.real, context.virtual], 'virtualhost');
  return [
    ...(protocol === undefined || protocol === '1.0'
      ? []
      : [{ name: 'protocol', value: protocol.toUpperCase() }]),
    ...(host === undefined ? [] : [{ name: 'virtualhost', value: quotedText(host) }]),
    ...(check.keyword === 'SSL_GET' ? tlsItems(check, context) : []),
    ...urls,
  ];
}

/** keepalived looks at no certificate; the SSL block gives files alone. */
function tlsItems(check: Statement, { ssl, virtual, findings }: CheckContext): readonly Item[] {
  const block = check.block ?? [];
  const items: Item[] = [{ name: 'verify', value: 'none' }];
  const ca = wordOf([ssl], 'ca');
  const certificate = wordOf([ssl], 'certificate');
  const key = wordOf([ssl], 'key');
  if (ca !== undefined) items.push({ name: 'cafile', value: quotedText(ca) });
  if (certificate !== undefined) items.push({ name: 'clientcert', value: quotedText(certificate) });
  if (key !== undefined) items.push({ name: 'clientkey', value: quotedText(key) });
  const name = sniOf(block, virtual);
  if (name !== undefined) items.push({ name: 'sni', value: quotedText(name) });
  else if (boolOf([block], 'enable_sni') === true) {
    findings.add('note', check, 'enable_sni', 'no virtualhost to send, as in keepalived');
  }
  return items;
}

/** That of the real server counts for Host alone. */
function sniOf(block: readonly Statement[], virtual: readonly Statement[]): string | undefined {
  const own = wordOf([block], 'sni_name');
  if (own !== undefined) return own;
  if (boolOf([block], 'enable_sni') !== true) return undefined;
  const url = allOf(block, 'url').map(({ block: inner = [] }) => wordOf([inner], 'virtualhost'));
  return url.find((name) => name !== undefined) ?? wordOf([block, virtual], 'virtualhost');
}

function urlItems(url: Statement, { findings }: CheckContext): readonly Item[] {
  const block = url.block ?? [];
  const path = wordOf([block], 'path');
  if (path === undefined) {
    findings.add('error', url, 'url', 'expected a path');
    return [];
  }
  if (!path.startsWith('/')) {
    findings.add('changed', url, 'path', `"${path}" is asked for as "/${path}"`);
  }
  const whole = path.startsWith('/') ? path : `/${path}`;
  const items: Item[] = [{ name: 'path', value: quotedText(whole) }];
  const digest = inherited([block], 'digest');
  const statuses = inherited([block], 'status_code');
  const host = wordOf([block], 'virtualhost');
  const regex = inherited([block], 'regex');
  if (host !== undefined) items.push({ name: 'virtualhost', value: quotedText(host) });
  if (digest !== undefined) {
    items.push({ name: 'digest', value: digest.words[0]?.toLowerCase() ?? '' });
  }
  if (statuses !== undefined) items.push({ name: 'status', value: statuses.words.join(' ') });
  if (regex !== undefined) {
    const name = boolOf([block], 'regex_no_match') === true ? 'regexnot' : 'regex';
    const pattern = patternText(regex, block, findings);
    if (pattern !== undefined) items.push({ name, value: `"${pattern}"` });
    const both = 'regex and digest of one url do not disturb each other, as they do in keepalived';
    if (digest !== undefined) findings.add('note', regex, 'regex', both);
    const body = 'only the body is searched; in keepalived the header at times as well';
    findings.add('note', regex, 'regex', body);
  }
  return items;
}

/** Options that stand in front of the expression here, and those that mean nothing to it. */
const flags: Readonly<Record<string, string>> = {
  caseless: 'i',
  dotall: 's',
  multiline: 'm',
};
const harmless =
  /^(auto_callout|never_\w+|no_(auto_possess|dotstar_anchor|start_optimize)|use_offset_limit|dupnames|no_auto_capture)$/;

function patternText(
  regex: Statement,
  block: readonly Statement[],
  findings: CheckContext['findings'],
): string | undefined {
  const pattern = readPattern(regex.raw);
  if (pattern === undefined || pattern === '') {
    findings.add('error', regex, 'regex', `expected an expression, got ${regex.raw}`);
    return undefined;
  }
  const options = allOf(block, 'regex_options');
  // one group of flags is read, at the very beginning
  const [group = '', own = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  let letters = own;
  for (const option of options) {
    for (const word of option.words) {
      const letter = flags[word];
      if (letter !== undefined) letters += letters.includes(letter) ? '' : letter;
      else if (!harmless.test(word)) {
        findings.add(
          'hand',
          option,
          'regex_options',
          `"${word}" is not known here: say it in the expression`,
        );
      }
    }
  }
  const source = withoutControls(pattern.slice(group.length));
  const text = `${letters === '' ? '' : `(?${letters})`}${source}`;
  try {
    compileReceive(text);
    return text;
  } catch (error) {
    const message = `not in the new file, as "${text}" cannot be read there: ${messageOf(error)}`;
    findings.add('lost', regex, 'regex', message);
    return undefined;
  }
}

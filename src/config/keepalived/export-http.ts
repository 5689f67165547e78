import type { HttpGetCheck, HttpUrl } from '../block-checks.ts';
import type { TlsSettings } from '../check-target.ts';
import { blockEntry, type Entry, entry, patternWord, wordText } from './blocks-text.ts';
import { type CheckBody, type ExportContext, targetEntries } from './exported-check.ts';

/** HTTP_GET, or SSL_GET over TLS. */
export function httpBody(check: HttpGetCheck, context: ExportContext): CheckBody {
  const { target, timeoutMs, protocol, urls, tls } = check;
  return {
    keyword: tls === undefined ? 'HTTP_GET' : 'SSL_GET',
    entries: [
      ...targetEntries(target, timeoutMs, context.real),
      ...(protocol === '1.0' ? [] : [entry('http_protocol', protocol)]),
      ...tlsEntries(tls, urls, context),
      ...urls.map((url) => blockEntry('url', '', urlEntries(url, context))),
    ],
  };
}

/** keepalived has one set of files for all checks, and looks at no certificate. */
function tlsEntries(
  tls: TlsSettings | undefined,
  urls: readonly HttpUrl[],
  { findings, place, ...context }: ExportContext,
): readonly Entry[] {
  if (tls === undefined) return [];
  const { verify, sni, caFile, clientCert, clientKey, certWarnDays } = tls;
  if (verify !== 'none')
    findings.add('lost', place, 'verify', 'keepalived looks at no certificate');
  if (certWarnDays > 0)
    findings.add('lost', place, 'certwarn', 'keepalived looks at no certificate');
  context.tls.add(JSON.stringify([caFile ?? '', clientCert ?? '', clientKey ?? '']));
  if (sni === '') return [];
  // keepalived takes the first name that it finds
  if (urls.find(({ host }) => host !== '')?.host === sni) return [entry('enable_sni')];
  findings.add(
    'hand',
    place,
    'sni',
    'sni_name is known to the newest releases of keepalived alone',
  );
  return [entry('sni_name', sni)];
}

function urlEntries(url: HttpUrl, { findings, place }: ExportContext): readonly Entry[] {
  const { path, host, statuses, digest, regex, regexNoMatch } = url;
  const written = wordText(path);
  if (written === undefined) {
    findings.add(
      'lost',
      place,
      'path',
      `${path} cannot be written: keepalived knows no quotes in it`,
    );
  }
  if (digest?.algorithm === 'sha256') {
    findings.add('lost', place, 'digest', 'keepalived knows MD5 alone');
  }
  const status = statuses
    .map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))
    .join(' ');
  return [
    entry('path', written ?? '/'),
    ...(host === '' ? [] : [entry('virtualhost', host)]),
    ...(status === '200-299' ? [] : [entry('status_code', status)]),
    ...(digest?.algorithm === 'md5' ? [entry('digest', digest.hex)] : []),
    ...(regex === '' ? [] : [entry('regex', patternWord(regex))]),
    ...(regexNoMatch ? [entry('regex_no_match')] : []),
  ];
}

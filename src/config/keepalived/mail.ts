import type { Conversion } from './conversion.ts';
import { boolOf, inherited, wordOf } from './inherit.ts';
import type { Item } from './items.ts';
import { allOf, type Statement } from './tree.ts';

/** The global lines of alert mails; without a mail server keepalived sends none. */
export function mailItems({ globals, findings }: Conversion): readonly Item[] {
  const list = inherited([globals], 'notification_email');
  const recipients = (list?.block ?? []).flatMap(({ keyword, words }) => [keyword, ...words]);
  const server = inherited([globals], 'smtp_server');
  const from = wordOf([globals], 'notification_email_from');
  if (list !== undefined && recipients.length > 0 && server === undefined) {
    const message =
      'without smtp_server keepalived sends no mail: write emailalert yourself if you want some';
    findings.add('hand', list, 'notification_email', message);
  }
  if (server === undefined || recipients.length === 0) return [];
  return [
    { name: 'emailalert', value: recipients.join(',') },
    ...(from === undefined ? [] : [{ name: 'emailalertfrom', value: from }]),
    { name: 'smtp', value: serverText(server.words) },
  ];
}

/** Which of its servers are told about; keepalived tells about all of them unless it is told not to. */
export function mailStatusItems(virtual: Statement, conversion: Conversion): readonly Item[] {
  const { globals, findings } = conversion;
  if (inherited([globals], 'smtp_server') === undefined) return [];
  const general = boolOf([globals], 'smtp_alert_checker') ?? boolOf([globals], 'smtp_alert');
  const block = virtual.block ?? [];
  const own = inherited([block], 'smtp_alert');
  if (boolOf([block], 'smtp_alert') ?? general ?? false) {
    const message = 'mails are about real servers; quorumup and quorumdown may send others';
    findings.add('lost', own ?? virtual, 'smtp_alert', message);
  }
  const reals = allOf(block, 'real_server');
  const silent = reals.filter(
    ({ block: inner = [] }) => (boolOf([inner], 'smtp_alert') ?? general) === false,
  );
  if (silent.length === reals.length) return [{ name: 'emailalertstatus', value: 'none' }];
  for (const real of silent) {
    findings.add(
      'lost',
      real,
      'smtp_alert',
      'mails are about all servers of a virtual server or about none',
    );
  }
  return [];
}

/** `HOST [PORT]`; 25 is not written. */
function serverText([host = '', port = '25']: readonly string[]): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === '25' ? name : `${name}:${port}`;
}

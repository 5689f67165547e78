import { printEntries } from './blocks-text.ts';
import type { Findings } from './finding.ts';
import { findKeyword } from './keywords.ts';
import { allOf, type Statement } from './tree.ts';

/** Of global_defs also VRRP has use for these. */
const sharedGlobals =
  /^(notification_email|notification_email_from|smtp_server|smtp_helo_name|smtp_connect_timeout|smtp_alert|script_user|enable_script_security|notify_fifo|notify_fifo_script|instance)$/;

const noVrrp = 'about VRRP, of which this file has none';
const ownName = 'mails of ipvsd tell of this machine by its host name';

/**
 * Names what stays with keepalived.
 *
 * @returns a keepalived.conf with that alone; undefined when nothing stays.
 */
export function vrrpConfig(root: readonly Statement[], findings: Findings): string | undefined {
  const blocks = root.filter((statement) => staysIn('root', statement));
  const globals = allOf(root, 'global_defs').flatMap(({ block = [] }) => block);
  if (blocks.length === 0) {
    for (const statement of globals.filter((one) => staysIn('global_defs', one))) {
      const { keyword } = statement;
      findings.add('note', statement, keyword, keyword === 'router_id' ? ownName : noVrrp);
    }
    return undefined;
  }
  for (const statement of blocks) {
    const name = [statement.keyword, ...statement.words].join(' ');
    findings.add('stays', statement, name, 'see the keepalived.conf below');
  }
  const kept = globals.filter(
    (one) => staysIn('global_defs', one) || sharedGlobals.test(one.keyword),
  );
  const head = kept.length === 0 ? '' : `global_defs {\n${printEntries(kept, '    ')}}\n`;
  const files = allOf(root, 'track_file', 'vrrp_track_file');
  const usesFiles = printEntries(blocks, '').includes('track_file');
  return `${head}${printEntries([...(usesFiles ? files : []), ...blocks], '')}`;
}

function staysIn(block: 'root' | 'global_defs', { keyword }: Statement): boolean {
  return findKeyword(block, keyword)?.fate === 'stays';
}

import type { Conversion } from './conversion.ts';
import { inherited } from './inherit.ts';
import type { Statement } from './tree.ts';

/** What keepalived sets in the kernel besides its table, and the commands that do it instead. */
export function reportKernelSettings({ globals, findings }: Conversion): void {
  const daemon = inherited([globals], 'lvs_sync_daemon');
  if (daemon !== undefined) findings.add('hand', daemon, 'lvs_sync_daemon', syncHint(daemon));
  const timeouts = inherited([globals], 'lvs_timeouts');
  if (timeouts !== undefined) {
    const value = (name: string): string => optionOf(timeouts, name) ?? '0';
    const command = `ipvsadm --set ${value('tcp')} ${value('tcpfin')} ${value('udp')}`;
    findings.add('hand', timeouts, 'lvs_timeouts', `run "${command}" before ipvsd starts`);
  }
  const flush = inherited([globals], 'lvs_flush_on_stop', 'lvs_flush_onstop');
  if (flush !== undefined && flush.words[0] !== 'VS') {
    const message = 'ipvsd takes its own services out when it stops, not those of others';
    findings.add('changed', flush, 'lvs_flush_on_stop', message);
  }
}

/** `IF [INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDR]`. */
function syncHint(daemon: Statement): string {
  const [device = '', second] = daemon.words;
  const options = ['id', 'maxlen', 'port', 'ttl', 'group'];
  const instance = second !== undefined && !options.includes(second) ? second : undefined;
  const rest = [
    ['--syncid', 'id'],
    ['--port', 'port'],
    ['--group', 'group'],
    ['--maxlen', 'maxlen'],
  ].flatMap(([option = '', name = '']) => {
    const value = optionOf(daemon, name);
    return value === undefined ? [] : [option, value];
  });
  const start = (role: string): string => ['ipvsd sync start', role, device, ...rest].join(' ');
  if (instance === undefined) return `run "${start('both')}"`;
  return `run "${start('master')}" when ${instance} becomes master, "${start('backup')}" when it becomes backup`;
}

function optionOf({ words }: Statement, name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

import { virtualKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import { columns } from '../status/columns.ts';
import { seconds } from './check-in-force.ts';
import { fallbackRows, realRows, rhythmText } from './server-rows.ts';

/** The resolved model for people: what is in force for each virtual server. Passwords stay out. */
export function showText(config: Config): string {
  const blocks = [
    globalText(config),
    ...config.virtuals.map((virtual) => virtualText(virtual, config)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

type Row = readonly [name: string, value: string];

function globalText(config: Config): string {
  const rows: readonly Row[] = [
    ...config.files.slice(1).map((file): Row => ['includes', file]),
    ['autoreload', yesNo(config.autoreload)],
    ['logfile', config.logfile],
    ...given('callback', config.callback),
    ...given('maintenancedir', config.maintenanceDir),
    ...given('in standby', standbyText(config)),
    ...given('emailalertfrom', config.emailAlertFrom),
    ...config.execute.map((file): Row => ['execute', file]),
    ...(config.supervised ? ([['supervised', 'yes']] as const) : []),
  ];
  return `${config.path}\n${columns(rows)}`;
}

/** Where it is not as in the active role. */
function standbyText({ standby: { checks, table } }: Config): string | undefined {
  if (checks === 'full' && table === 'keep') return undefined;
  return `standbychecks=${checks}, standbytable=${table}`;
}

function virtualText(virtual: VirtualServer, config: Config): string {
  const place = `${virtual.file ?? config.path}:${virtual.line}`;
  const name = virtual.serviceName === undefined ? '' : `  "${virtual.serviceName}"`;
  const { reals, fallbacks } = virtual;
  const parts = [`${virtualKey(virtual.id)}${name}  (${place})`, columns(settings(virtual))];
  if (reals.length + fallbacks.length > 0) {
    parts.push(
      columns([
        ['server', 'forward', 'weight', 'thresholds', 'check'],
        ...reals.flatMap((real) => realRows(real, virtual)),
        ...fallbacks.flatMap((fallback) => fallbackRows(fallback, virtual)),
      ]),
    );
  }
  return parts.join('\n');
}

function settings(virtual: VirtualServer): readonly Row[] {
  const { schedulerFlags, persistentS, netmask, emailAlert, minServers } = virtual;
  const flags = schedulerFlags.length === 0 ? '' : ` (${schedulerFlags.join(',')})`;
  const clients = netmask === undefined ? 'each client alone' : `netmask ${netmask}`;
  const minimum =
    minServers && ('count' in minServers ? minServers.count : `${minServers.percent}%`);
  return [
    ...given('comment', virtual.comment),
    ...(virtual.markFor ?? []).map((packets): Row => ['marks', virtualKey(packets)]),
    [
      'scheduler',
      `${virtual.scheduler}${flags}${virtual.onePacket ? ', one packet at a time' : ''}`,
    ],
    ...given('persistent', persistentS === 0 ? undefined : `${persistentS} s, ${clients}`),
    ...given('persistentengine', virtual.persistentEngine),
    ['checked', rhythmText(virtual)],
    ['when failed', whenFailed(virtual)],
    ...pool(virtual),
    ...given('minservers', minimum?.toString()),
    ['at the end', virtual.cleanstop ? 'taken out (cleanstop=yes)' : 'stays (cleanstop=no)'],
    ...given('fallbackcommand', virtual.fallbackCommand),
    ...given('monitorfile', virtual.monitorFile),
    ...given('emailalert', emailAlert.recipients.join(', ') || undefined),
    ...reminders(virtual),
  ];
}

function whenFailed({ persistentClean, quiescent }: VirtualServer): string {
  if (persistentClean) return 'taken out with its clients (persistentclean=yes)';
  return quiescent ? 'weight 0 (quiescent=yes)' : 'taken out (quiescent=no)';
}

function pool({ quorum, slowStartMs, damping, fallbackQuiescent }: VirtualServer): readonly Row[] {
  return [
    ...given('quorum', quorum && `${quorum.weight}, hysteresis ${quorum.hysteresis}`),
    ...given('quorumup', quorum?.upCommand),
    ...given('quorumdown', quorum?.downCommand),
    ...given('slowstart', slowStartMs === 0 ? undefined : seconds(slowStartMs)),
    ...given('damping', damping && `${seconds(damping.minMs)} to ${seconds(damping.maxMs)} out`),
    ...given('fallback unused', fallbackQuiescent ? 'stays with weight 0' : undefined),
  ];
}

function reminders({ emailAlert }: VirtualServer): readonly Row[] {
  const { recipients, frequencyS, statuses, smtp } = emailAlert;
  if (recipients.length === 0) return [];
  const often = frequencyS === 0 ? 'once' : `again every ${frequencyS} s`;
  const when = statuses.length === 0 ? 'never' : `while ${statuses.join(', ')}`;
  return [['mails', `${often}, ${when}, through ${smtp ?? 'the local mail system'}`]];
}

function given(name: string, value: string | undefined): readonly Row[] {
  return value === undefined ? [] : [[name, value]];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

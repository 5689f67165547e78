import type { Conduct } from '../config/model.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import { columns } from './columns.ts';
import type {
  CheckStatus,
  FallbackStatus,
  QuorumStatus,
  RealStatus,
  Snapshot,
  VirtualStatus,
} from './snapshot.ts';

/** `ipvsd status` for people: one block a virtual server, one row a server with its reason. */
export function statusText(snapshot: Snapshot, now: Date): string {
  const { instance, pid, state, role, config, backend, version } = snapshot;
  const head = [
    `ipvsd ${version}  ${instance}  pid ${pid}  ${state} ${ago(snapshot.startedAt, now)}  ${role}  ${backend}`,
    ...(snapshot.standby === undefined ? [] : [standbyLine(snapshot, snapshot.standby, now)]),
    `file   ${config}${snapshot.reloadError === undefined ? '' : `  NOT RELOADED: ${snapshot.reloadError}`}`,
    `table  ${tableLine(snapshot, now)}`,
    ...(snapshot.kernelError === undefined ? [] : [`KERNEL NOT READ: ${snapshot.kernelError}`]),
    ...snapshot.pending.slice(0, pendingShown).map((words) => `NOT DONE  ipvsadm ${words}`),
    ...(snapshot.shared ?? []).map(({ service, instance }) => `ALSO OF ${instance}: ${service}`),
    ...snapshot.kernelSettings.map(
      ({ name, value, before }) => `sysctl ${name} = ${value} (was ${before})`,
    ),
    ...(snapshot.sync ?? []).map(syncLine),
  ];
  const blocks = snapshot.virtuals.map((virtual) => virtualText(virtual, snapshot, now));
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

function standbyLine({ roleSince }: Snapshot, { checks, table }: Conduct, now: Date): string {
  const rate = { full: 'checks run', slow: 'checks run slowly', none: 'no checks run' }[checks];
  const rest = table === 'keep' ? 'the table is kept' : 'the table is cleared';
  return `role   standby for ${ago(roleSince, now)}: ${rate}, ${rest}`;
}

/** So many changes that the kernel has not taken are shown; `--json` has them all. */
const pendingShown = 5;

function tableLine({ verifiedAt, driftRepairs }: Snapshot, now: Date): string {
  if (verifiedAt === undefined) return 'not verified yet';
  const repairs = driftRepairs === 1 ? '1 repair' : `${driftRepairs} repairs`;
  return `verified ${ago(verifiedAt, now)} ago, ${repairs} of foreign changes`;
}

function syncLine(daemon: SyncDaemon): string {
  const { role, syncId, group, port } = daemon;
  const [name, to] = [daemon.interface, group === undefined ? '' : `  ${group} port ${port}`];
  return `sync   ${role} on ${name}  syncid ${syncId}${to}`;
}

function virtualText(virtual: VirtualStatus, snapshot: Snapshot, now: Date): string {
  const { kernelError, standby } = snapshot;
  const isMissing = !virtual.present && kernelError === undefined && standby?.table !== 'clear';
  const up = virtual.reals.filter((real) => real.health === 'up').length;
  const title = [
    virtual.protocol,
    virtual.label,
    virtual.scheduler,
    ...(virtual.persistentS > 0 ? [`persistent ${virtual.persistentS}`] : []),
    ...(virtual.name === undefined ? [] : [`"${virtual.name}"`]),
    ...(virtual.quorum === undefined ? [] : [quorumText(virtual.quorum)]),
    ...(isMissing ? ['NOT IN KERNEL'] : []),
  ].join(' ');
  const rows = [
    ['server', 'forward', 'health', 'weight', 'active', 'inactive', 'last check'],
    ...virtual.reals.flatMap((real) => [realRow(real, now), ...checkRows(real, now)]),
    ...virtual.fallbacks.map((fallback) => fallbackRow(fallback, now)),
  ];
  return `${title}  ${up} of ${virtual.reals.length} up\n${columns(rows)}`;
}

function realRow(real: RealStatus, now: Date): readonly string[] {
  const soft = real.health === 'up' && real.failures > 0;
  return [
    real.address,
    real.forward,
    [
      real.health,
      ago(real.since, now),
      ...(soft ? [`failed ${real.failures}/${real.failureCount}`] : []),
      ...(real.order === undefined ? [] : [real.order]),
      ...(real.drains ? ['drains'] : []),
      ...(real.kept ? ['kept by minservers'] : []),
      ...(real.heldUntil === undefined
        ? []
        : [`held for ${ago(now.toISOString(), new Date(real.heldUntil))}`]),
      ...(real.share === undefined ? [] : ['starts slowly']),
    ].join(' '),
    real.kernel === undefined ? `-/${real.configuredWeight}` : weightText(real),
    String(real.kernel?.activeConnections ?? '-'),
    String(real.kernel?.inactiveConnections ?? '-'),
    lastCheckText(real, now),
  ];
}

/** The kernel's weight, and the file's behind a slash where it differs. */
function weightText(real: RealStatus): string {
  const weight = real.kernel?.weight ?? 0;
  return weight === real.configuredWeight ? `${weight}` : `${weight}/${real.configuredWeight}`;
}

function lastCheckText(
  { lastCheck, check }: Pick<CheckStatus, 'check' | 'lastCheck'>,
  now: Date,
): string {
  if (check === 'on' || check === 'off') return `not checked (${check})`;
  if (lastCheck === undefined) return `${check}: no result yet`;
  const took = `${Math.round(lastCheck.durationMs)} ms`;
  const warning = lastCheck.warning === undefined ? '' : `, WARNING ${lastCheck.warning}`;
  return `${check}: ${lastCheck.reason}${warning} (${took}, ${ago(lastCheck.at, now)} ago)`;
}

/** Of several checks those that the row of the server does not show already. */
function checkRows(real: RealStatus, now: Date): readonly (readonly string[])[] {
  const further = (real.checks ?? []).filter(({ check }) => check !== real.check);
  return further.map((check) => ['', '', '', '', '', '', lastCheckText(check, now)]);
}

function quorumText({ weight, hysteresis, live, gained }: QuorumStatus): string {
  const band = hysteresis === 0 ? '' : `±${hysteresis}`;
  return `${gained ? 'quorum' : 'NO QUORUM'} ${live}/${weight}${band}`;
}

function fallbackRow(fallback: FallbackStatus, now: Date): readonly string[] {
  const { active, check, health, priority } = fallback;
  return [
    fallback.address,
    fallback.forward,
    [
      ...(health === undefined ? [] : [health]),
      active ? 'fallback ACTIVE' : 'fallback idle',
      ...(priority === undefined ? [] : [`priority ${priority}`]),
    ].join(' '),
    String(fallback.kernel?.weight ?? '-'),
    String(fallback.kernel?.activeConnections ?? '-'),
    String(fallback.kernel?.inactiveConnections ?? '-'),
    check === undefined ? 'not checked' : lastCheckText({ ...fallback, check }, now),
  ];
}

/** Time since then in its two largest units: `4s`, `3m 12s`, `5h 2m`, `12d 3h`. */
function ago(since: string, now: Date): string {
  const total = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000));
  const [days, hours] = [Math.floor(total / 86400), Math.floor(total / 3600) % 24];
  const [minutes, seconds] = [Math.floor(total / 60) % 60, total % 60];
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${seconds}s` : `${seconds}s`;
}

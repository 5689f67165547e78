import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { BackendError } from '../backend/backend.ts';
import { operationWords } from '../backend/ipvsadm-words.ts';
import { runCheck } from '../checks/registry.ts';
import { serverKey } from '../config/keys.ts';
import type { Config } from '../config/model.ts';
import { conductOf, type Role } from '../config/role.ts';
import { systemReverseLookup } from '../daemon/host-names.ts';
import { MaintenanceDirectory } from '../daemon/maintenance-directory.ts';
import { openFileLimit } from '../daemon/open-file-limit.ts';
import { RoleMemory, roleFile } from '../daemon/role-memory.ts';
import { systemClock } from '../health/clock.ts';
import { runLimits } from '../health/run-limits.ts';
import { ProbeScheduler } from '../health/scheduler.ts';
import { ServerHealth } from '../health/server-health.ts';
import type { ServerCondition } from '../health/server-record.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import type { Table } from '../ipvs-netlink/model.ts';
import { serversInService } from '../reconcile/adopt.ts';
import { clearedServices, desired } from '../reconcile/desired.ts';
import { diff, managedOnly } from '../reconcile/diff.ts';
import type { Admin, AdminOrder, Health } from '../reconcile/pool.ts';
import { Quorums } from '../reconcile/quorum.ts';
import { fetchSnapshot } from '../status/control-client.ts';
import type { RealStatus } from '../status/snapshot.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { findInstance } from './find-instance.ts';
import { openOrFail } from './foreground.ts';
import { loadOrFail } from './load.ts';
import { backendChoice } from './run.ts';

const changesExitCode = 2;

/**
 * `ipvsd plan CONFIG`: what a daemon on this file would change in the kernel now. Health comes
 * from the running daemon of that file; servers that it does not know are checked once.
 *
 * @returns 0 nothing to do, 2 changes (one line each on stdout, fit for `ipvsadm -R`).
 * @throws CliError with exit code 1 for everything else, a broken file included.
 */
export async function planCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { backend: { type: 'string', default: 'auto' } },
  });
  const [argument, ...surplus] = positionals;
  if (argument === undefined || surplus.length > 0) {
    throw new CliError('plan: expected exactly one CONFIG', exitCodes.failure);
  }
  const instance = findInstance(argument);
  const config = await loadOrFail(instance.configPath, exitCodes.failure);
  const table = await readTable(values.backend);
  const running = await runningHealth(instance.socketPath, instance.configPath);
  const health = await completeHealth(config, table, running);

  const orders = running?.orders ?? (await maintenanceOrders(config));
  const quorums = new Quorums(running?.quorate ?? new Set());
  if (running === undefined) quorums.adopt(config, serversInService(config, table));
  const role = running?.role ?? new RoleMemory(roleFile(instance)).recall() ?? 'active';
  const conduct = conductOf(role, config);
  const lacking = quorums.update(config, health, orders);
  const wished = desired(config, health, orders, lacking, conduct.table);
  const managed = new Set([
    ...wished.map((service) => serviceKey(service.id)),
    ...clearedServices(config, conduct.table),
  ]);
  for (const service of running?.services ?? []) managed.add(service);
  const operations = diff(wished, managedOnly(table, managed));
  process.stdout.write(operations.map((o) => `${operationWords(o).join(' ')}\n`).join(''));
  return operations.length > 0 ? changesExitCode : exitCodes.ok;
}

async function readTable(choice: string): Promise<Table> {
  const { backend } = await openOrFail(backendChoice(choice));
  try {
    return await backend.readTable();
  } catch (error) {
    if (error instanceof BackendError) throw new CliError(error.message, exitCodes.failure);
    throw error;
  } finally {
    await backend.close();
  }
}

/** What the running daemon knows. */
interface RunningDaemon {
  /** Up or down by `serverKey`, of the servers that have been checked. */
  readonly health: Health;
  readonly orders: Admin;
  readonly role: Role;
  /** Its virtual servers that have their quorum, as of `virtualKey`. */
  readonly quorate: ReadonlySet<string>;
  /** Its services, as of `serviceKey`. */
  readonly services: readonly string[];
}

async function runningHealth(
  socketPath: string,
  configPath: string,
): Promise<RunningDaemon | undefined> {
  const snapshot = await fetchSnapshot(socketPath).catch(() => undefined);
  if (snapshot === undefined || snapshot.config !== realpathSync(configPath)) return undefined;
  const health = new Map<string, ServerCondition>();
  const orders = new Map<string, AdminOrder>();
  const quorate = new Set<string>();
  for (const { key, reals, fallbacks, quorum } of snapshot.virtuals) {
    if (quorum?.gained !== false) quorate.add(key);
    for (const fallback of fallbacks) {
      if (fallback.health === undefined || fallback.health === 'unchecked') continue;
      health.set(`${key} fallback ${fallback.address}`, { up: fallback.health === 'up' });
    }
    for (const real of reals) {
      const { order } = real;
      if (order) orders.set(`${key} ${real.key}`, order === 'maintenance' ? 'disable' : order);
      if (real.health !== 'unchecked') health.set(`${key} ${real.key}`, conditionOf(real));
    }
  }
  const { role, virtuals } = snapshot;
  return { health, orders, role, quorate, services: virtuals.map(({ service }) => service) };
}

/** What a daemon would find in the maintenance directory. */
async function maintenanceOrders(config: Config): Promise<Admin> {
  const orders = new Map<string, AdminOrder>();
  const directory = new MaintenanceDirectory({
    clock: systemClock,
    log: pino({ level: 'silent' }),
    lookup: systemReverseLookup(),
    onChange: (files) => {
      for (const key of files.keys()) orders.set(key, 'disable');
    },
  });
  await directory.use(config);
  directory.close();
  return orders;
}

function conditionOf(real: RealStatus): ServerCondition {
  const up = real.health === 'up';
  const { lostAt, effects, drains, share } = real;
  return {
    up,
    ...(lostAt !== undefined && { lostAtMs: Date.parse(lostAt) }),
    ...(effects && { effects }),
    ...(drains && { drains }),
    ...(share !== undefined && { share }),
  };
}

/** Checks what the running daemon does not know, and adds it to what it does. */
async function completeHealth(
  config: Config,
  table: Table,
  running: RunningDaemon | undefined,
): Promise<Health> {
  const known = running?.health ?? new Map<string, ServerCondition>();
  const unknown = config.virtuals.map((virtual) => ({
    ...virtual,
    reals: virtual.reals.filter((real) => !known.has(serverKey(virtual, real))),
    fallbacks: virtual.fallbacks.filter((server) => !known.has(serverKey(virtual, server))),
  }));
  const health = new ServerHealth();
  const open = { ...config, virtuals: unknown };
  health.configure(open, serversInService(config, table), systemClock.wallTime());
  await checkOnce(health);
  return new Map([...health.view(systemClock.wallTime()), ...known]);
}

/** Runs every probe once, all side by side, as a daemon does at its start. */
async function checkOnce(health: ServerHealth): Promise<void> {
  const open = new Set(health.probes().keys());
  if (open.size === 0) return;
  await new Promise<void>((resolve) => {
    const scheduler = new ProbeScheduler({
      clock: systemClock,
      run: runCheck,
      limits: runLimits(openFileLimit()),
      onResult: (key, result) => {
        if (!open.delete(key)) return;
        health.enter(key, result);
        if (open.size === 0) void scheduler.stop().then(resolve);
      },
    });
    scheduler.setProbes(health.probes());
  });
}

import { realpathSync } from 'node:fs';
import type { Logger } from 'pino';
import { prepareLetters } from '../alerts/mail/send-letter.ts';
import type { OpenedBackend } from '../backend/open.ts';
import { prepareChecks, runCheck } from '../checks/registry.ts';
import type { Config } from '../config/model.ts';
import type { Role } from '../config/role.ts';
import { systemErrorText } from '../config/system-error.ts';
import { systemClock } from '../health/clock.ts';
import { runLimits } from '../health/run-limits.ts';
import { fetchHead } from '../status/control-client.ts';
import type { DaemonSelf, SnapshotHead } from '../status/snapshot.ts';
import { stuckReason } from '../status/verdict.ts';
import { version } from '../version.ts';
import { FileWatch } from './autoreload.ts';
import type { ControlAnswers } from './control-server.ts';
import { Daemon } from './daemon.ts';
import { systemReverseLookup } from './host-names.ts';
import { controlSockets, type Instance } from './instance.ts';
import { KernelSettings, kernelSettingsMemory } from './kernel-settings.ts';
import { lastingControl } from './lasting-control.ts';
import type { Log } from './log.ts';
import { MaintenanceDirectory } from './maintenance-directory.ts';
import { ManagedServices, servicesMemory } from './managed-services.ts';
import { networkNamespace, networkNamespaceExists } from './network-namespace.ts';
import { systemObservers } from './observers.ts';
import { openFileLimit } from './open-file-limit.ts';
import { claimPidFile, pidState, releasePidFile } from './pid-file.ts';
import { type LoadResult, Reloader } from './reloader.ts';
import { restartNotes, type StartedWith } from './restart-notes.ts';
import { RoleMemory, roleFile } from './role-memory.ts';
import { socketListener } from './socket-listener.ts';
import { StartError } from './start-error.ts';

/** What a running service is made of. */
export interface ServiceOptions {
  readonly instance: Instance;
  readonly config: Config;
  readonly startedWith: StartedWith;
  /** Reads the file again, for reloads. */
  readonly load: () => Promise<LoadResult>;
  /** Opened by the caller, closed by the service. */
  readonly backend: OpenedBackend;
  readonly log: Log;
  /** What it begins with when no role has been ordered since the machine was booted. */
  readonly firstRole: Role;
  /** ldirectord -d leaves no pid file. */
  readonly pidFile: boolean;
  /** Called once when the rules are applied, with what the kernel refused. */
  readonly onReady: (problems: readonly string[]) => void;
}

/** Signals that end the daemon in order, as in ldirectord. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
/** They would kill the daemon and leave its table; at USR1 node would open its inspector. */
const ignoredSignals = ['SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;
/** What alerts and commands get to come to their end when the daemon stops. */
const alertPatienceMs = 10_000;
/** How often the log file is looked at for rotation. */
const rotationLookMs = 5000;

/**
 * Runs one daemon until a signal ends it: pid file, control socket, signals, reloads.
 *
 * @returns when the kernel is clean and everything is given back.
 * @throws StartError, BackendError: nothing has been changed then.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { log, backend } = options;
  const stopRequested = stopSignal(log.logger);
  const onHangup = hangups();
  // only says so; node then ends the process as it does without us, and the table stays
  process.on('uncaughtExceptionMonitor', (error) => log.logger.fatal(error, 'ipvsd crashed'));
  try {
    await refuseSecondDaemon(options);
    try {
      await serve(options, stopRequested, onHangup);
    } finally {
      if (options.pidFile) giveBackPidFile(options);
    }
  } finally {
    await backend.backend.close();
    await log.close();
  }
}

async function serve(
  options: ServiceOptions,
  stopRequested: Promise<string>,
  onHangup: (reload: () => void) => void,
): Promise<void> {
  const { instance, log, backend } = options;
  const { logger } = log;
  const observers = systemObservers(logger, options.startedWith.settings, instance.name, (path) =>
    daemon.checkFile(path),
  );
  const services = new ManagedServices({
    path: servicesMemory(instance),
    onProblem: (problem) => logger.error(problem),
  });
  const daemon = new Daemon(
    {
      backend: backend.backend,
      clock: systemClock,
      log: logger,
      kernelSettings: new KernelSettings(kernelSettingsMemory(instance)),
      services,
      role: { memory: new RoleMemory(roleFile(instance)), first: options.firstRole },
      runCheck,
      runLimits: runLimits(openFileLimit()),
      tell: (event) => observers.tell(event),
    },
    options.config,
  );
  const maintenance = new MaintenanceDirectory({
    clock: systemClock,
    log: logger,
    lookup: systemReverseLookup(),
    onChange: (files) => daemon.setMaintenance(files),
  });
  logger.info(`Starting ipvsd ${version} with pid: ${process.pid}, backend ${backend.reason}`);
  const { elsewhere } = services;
  if (elsewhere !== undefined && networkNamespaceExists(elsewhere)) {
    logger.warn(`Services of a killed daemon stay in another network namespace: ${elsewhere}`);
  }

  const watch = new FileWatch(systemClock, () => {
    const { autoreload } = daemon.config;
    logger.info(`Configuration file '${instance.configPath}' has changed on disk`);
    if (!autoreload) logger.info(' - ignore new configuration');
    const done = autoreload ? reloader.reload('changed') : reloader.compare();
    void done.then(() => observers.tell({ kind: 'file-changed', path: instance.configPath }));
  });
  await watch.setPaths(options.config.files);
  const load = async (): Promise<LoadResult> => {
    const result = await options.load();
    if (result.config !== undefined) await prepare(result.config);
    return result;
  };
  const reloader = new Reloader({
    daemon,
    maintenance,
    watch,
    log: logger,
    load,
    notes: (config) => restartNotes(options.startedWith, config),
  });
  const head = snapshotHead(instance);
  const answers: ControlAnswers = {
    head: () => selfOf(head, daemon),
    stuck: () => stuckReason(daemon.pulse()),
    snapshot: () => daemon.snapshot(head),
    setRole: (role) => started.then(() => daemon.setRole(role)),
  };
  const listening = lastingControl(instance.socketPath, answers, logger);
  // the socket comes first: who finds none leaves the role where the start looks for it
  const started = listening
    .then(() => prepare(options.config))
    .then(() => maintenance.use(options.config))
    .then(() => daemon.start());
  // told where it is waited for
  started.catch(() => undefined);
  const control = await listening;
  const rotation = setInterval(() => log.followRotation(), rotationLookMs);
  try {
    onHangup(() => {
      logger.info('Reloading on signal');
      log.followRotation();
      // a start that failed has said so
      void started.then(() => reloader.reload('asked')).catch(() => undefined);
    });
    const first = await Promise.race([started, stopRequested]);
    if (typeof first !== 'string') {
      const what = daemon.role === 'active' ? 'Serving' : 'Standing by for';
      logger.info(`${what} ${daemon.config.virtuals.length} virtual servers`);
      watch.start();
      options.onReady(first);
    }
    const signal = await stopRequested;
    watch.stop();
    maintenance.close();
    try {
      await daemon.stop();
    } finally {
      await observers.close(systemClock, alertPatienceMs);
    }
    logger.info(`ipvsd terminated on signal: ${signal}`);
  } finally {
    clearInterval(rotation);
    await control.close();
  }
}

/** Loads what the file will need, while there is still room to open files. */
async function prepare(config: Config): Promise<void> {
  await Promise.all([prepareChecks(config), prepareLetters(config)]);
}

/** What cannot be removed is found stale by the next start. */
function giveBackPidFile({ instance, log }: ServiceOptions): void {
  try {
    releasePidFile(instance.pidFile);
  } catch (error) {
    log.logger.error(`cannot remove pid file ${instance.pidFile}: ${systemErrorText(error)}`);
  }
}

/** @throws StartError when the instance, or another one on the same file, is running. */
async function refuseSecondDaemon({ instance, pidFile }: ServiceOptions): Promise<void> {
  const file = realpathSync(instance.configPath);
  const others = controlSockets().map(async (socket) => {
    return { socket, other: await fetchHead(socket).catch(() => undefined) };
  });
  for (const { socket, other } of await Promise.all(others)) {
    if (other === undefined) continue;
    const hasFile = other.config === file && other.networkNamespace === networkNamespace();
    if (socket === instance.socketPath || hasFile) {
      // commands with our name for the file do not find it
      const name = socket === instance.socketPath ? '' : `, as instance "${other.instance}"`;
      throw new StartError(`already running for ${other.config} with pid ${other.pid}${name}`);
    }
  }
  const silent = socketListener(instance.socketPath);
  if (silent !== undefined) {
    throw new StartError(`already running with pid ${silent}, which does not answer`);
  }
  if (pidFile && !claimPidFile(instance.pidFile)) {
    const state = pidState(instance.pidFile);
    const pid = state.kind === 'stopped' ? '' : ` with pid ${state.pid}`;
    throw new StartError(`already running${pid}, says ${instance.pidFile}`);
  }
}

function stopSignal(logger: Logger): Promise<string> {
  for (const signal of ignoredSignals) process.on(signal, () => undefined);
  return new Promise((resolve) => {
    for (const signal of stopSignals) {
      process.on(signal, () => {
        logger.debug(`got ${signal}`);
        resolve(signal.slice(3));
      });
    }
  });
}

/**
 * Takes SIGHUP from now on: it can come as soon as there is a pid file, and would end the process.
 *
 * @returns hands over what to do at each; also at one that has come before.
 */
function hangups(): (reload: () => void) => void {
  let isPending = false;
  let onHangup = (): void => {
    isPending = true;
  };
  process.on('SIGHUP', () => onHangup());
  return (reload) => {
    onHangup = reload;
    if (isPending) reload();
  };
}

function selfOf(head: SnapshotHead, daemon: Daemon): DaemonSelf {
  const { reloadError, role, config } = daemon;
  return {
    ...head,
    ...daemon.pulse(),
    role,
    virtualCount: config.virtuals.length,
    ...(reloadError !== undefined && { reloadError }),
  };
}

function snapshotHead(instance: Instance): SnapshotHead {
  return {
    version,
    instance: instance.name,
    pid: process.pid,
    config: realpathSync(instance.configPath),
    networkNamespace: networkNamespace(),
  };
}

import { appendFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import type { Logger } from 'pino';
import { Callback } from '../alerts/callback.ts';
import { FallbackCommands } from '../alerts/fallback-command.ts';
import { MailAlerts } from '../alerts/mail/mail-alerts.ts';
import { letterSender } from '../alerts/mail/send-letter.ts';
import { MonitorFiles } from '../alerts/monitor-file.ts';
import { NotifyCommands } from '../alerts/notify-commands.ts';
import { Observers } from '../alerts/observers.ts';
import type { Settings } from '../config/settings.ts';
import { systemClock } from '../health/clock.ts';
import { CheckFileWatch } from './check-file-watch.ts';
import { FurtherInstances } from './further-instances.ts';
import { appending } from './log.ts';
import { runCommand } from './run-command.ts';

/**
 * Everybody who is told what a daemon does, with real effects.
 *
 * @param onCheckFile called with the path when the file of a file check may have changed.
 */
export function systemObservers(
  log: Logger,
  settings: Settings,
  instanceName: string,
  onCheckFile: (path: string) => void,
): Observers {
  const parts = { run: runCommand, clock: systemClock, log };
  const host = hostname();
  const defaultFrom = settings.smtp.from ?? `${userInfo().username}@${host}`;
  const send = letterSender({ run: runCommand, log, host, defaultFrom });
  const [, script = ''] = process.argv;
  const program = [process.execPath, ...process.execArgv, script];
  const observers = [
    new MonitorFiles((path, text) => appendFile(path, text, { flag: appending }), log),
    new FallbackCommands(parts),
    new NotifyCommands(parts),
    new Callback(parts),
    new MailAlerts({ send, clock: systemClock, log, settings: settings.smtp, host }),
    new CheckFileWatch(systemClock, onCheckFile),
    new FurtherInstances({ ...parts, program, instanceName }),
  ];
  return new Observers(observers, log);
}

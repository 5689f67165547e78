import { execa } from 'execa';
import { systemErrorText } from '../config/system-error.ts';

/** Set by systemd for a unit of Type=notify; sd_notify(3). */
const variable = 'NOTIFY_SOCKET';

/**
 * Tells systemd that the daemon serves, where that waits for it. By a command: Node has no datagram
 * sockets of unix. What the daemon starts from then on has nothing to tell.
 */
export function tellSystemd(): void {
  const path = process.env[variable];
  if (path === undefined) return;
  delete process.env[variable];
  execa('systemd-notify', ['--ready'], { env: { [variable]: path }, stdio: 'ignore' }).catch(
    (error: unknown) =>
      process.stderr.write(`ipvsd: systemd is not told of the start: ${systemErrorText(error)}\n`),
  );
}

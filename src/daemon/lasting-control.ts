import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { messageOf } from '../config/system-error.ts';
import { Turns } from '../reconcile/turns.ts';
import { type ControlAnswers, type ControlServer, listenForControl } from './control-server.ts';

/** How often it looks whether the socket is there. */
const lookMs = 1000;

/**
 * Listens as `listenForControl`, and makes the socket anew when somebody has removed it: one that
 * tidies up /run would leave a daemon that nobody can tell its role.
 *
 * @throws StartError when the socket cannot be made the first time.
 */
export async function lastingControl(
  path: string,
  answers: ControlAnswers,
  log: Pick<Logger, 'warn' | 'error'>,
): Promise<ControlServer> {
  const turns = new Turns();
  let server: ControlServer | undefined = await listenForControl(path, answers);
  let problem: string | undefined;

  const close = async () => {
    await server?.close();
    server = undefined;
  };
  const look = async () => {
    if (existsSync(path)) return;
    // first, as it removes what is there by then
    await close();
    try {
      server = await listenForControl(path, answers);
      log.warn(`control socket ${path} was removed, made anew`);
      problem = undefined;
    } catch (error) {
      const again = messageOf(error);
      if (again !== problem) log.error(again);
      problem = again;
    }
  };
  const timer = setInterval(() => void turns.take(look), lookMs);
  return {
    close: () => {
      clearInterval(timer);
      return turns.take(close);
    },
  };
}

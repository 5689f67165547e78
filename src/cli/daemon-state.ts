import { existsSync } from 'node:fs';
import type { Instance } from '../daemon/instance.ts';
import { isDaemon, type PidState, pidState } from '../daemon/pid-file.ts';
import { socketListener } from '../daemon/socket-listener.ts';
import { fetchHead } from '../status/control-client.ts';

/**
 * Whether an instance has a daemon. Its pid file may be gone or hold anything: then it is who listens
 * on its control socket, even without a word, or who answers there from another network namespace.
 */
export async function daemonState({ pidFile, socketPath }: Instance): Promise<PidState> {
  const state = pidState(pidFile);
  if (state.kind === 'running' || !existsSync(socketPath)) return state;
  const pid = socketListener(socketPath) ?? (await answering(socketPath));
  return pid !== undefined && isDaemon(pid) ? { kind: 'running', pid } : state;
}

async function answering(socketPath: string): Promise<number | undefined> {
  return (await fetchHead(socketPath).catch(() => undefined))?.pid;
}

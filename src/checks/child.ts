import { execa } from 'execa';
import { messageOf } from '../config/system-error.ts';
import type { CheckOutcome } from './check.ts';
import { errorCode, isLocalTrouble } from './reason.ts';

export interface ChildRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** `collect` gives back what the command wrote; `ignore` connects it to /dev/null. */
  readonly output: 'collect' | 'ignore';
  /** Ends the command and everything that it started in its process group. */
  readonly signal: AbortSignal;
  /** From SIGTERM to SIGKILL; 0 sends SIGKILL at once. */
  readonly graceMs: number;
  /** What the command reads; without it /dev/null. */
  readonly input?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom to run it as; without these as we are. Supplementary groups are given up with either. */
  readonly uid?: number;
  readonly gid?: number;
}

export type ChildEnd =
  | {
      readonly kind: 'exit';
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'signal'; readonly name: string }
  /** It could not be started. */
  | {
      readonly kind: 'missing' | 'not-startable';
      readonly message: string;
      /** This machine was short of something; another time it may be started. */
      readonly isLocal: boolean;
    };

/**
 * Runs a command without a shell, in a process group of its own and with messages in English.
 *
 * @returns how it ended, once it has; after an abort too.
 */
export async function runChild(request: ChildRequest): Promise<ChildEnd> {
  const { signal } = request;
  const pipe = request.output === 'collect' ? 'pipe' : 'ignore';
  const child = execa(request.command, request.args, {
    ...(request.input === undefined ? { stdin: 'ignore' } : { input: request.input }),
    stdout: pipe,
    stderr: pipe,
    maxBuffer: 64 * 1024,
    detached: true,
    cleanup: false,
    reject: false,
    env: { LC_ALL: 'C', ...request.env },
    ...(request.uid !== undefined && { uid: request.uid }),
    ...(request.gid !== undefined && { gid: request.gid }),
  });
  let killTimer: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(child.pid, request.graceMs === 0 ? 'SIGKILL' : 'SIGTERM');
    killTimer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), request.graceMs);
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const result = await child;
  clearTimeout(killTimer);
  signal.removeEventListener('abort', end);
  // The command itself has gone; what it started may have ignored SIGTERM.
  if (signal.aborted) killGroup(child.pid, 'SIGKILL');
  if (result.signal !== undefined) return { kind: 'signal', name: result.signal };
  if (result.exitCode === undefined) return notStarted(request.command, result.cause);
  const { exitCode, stdout = '', stderr = '' } = result;
  return { kind: 'exit', code: exitCode, stdout, stderr };
}

/** Up after exit code 0; no verdict when we could not even start the command for now. */
export function outcomeOfChild(end: ChildEnd): CheckOutcome {
  switch (end.kind) {
    case 'exit':
      return { up: end.code === 0, reason: `exit code ${end.code}` };
    case 'signal':
      return { up: false, reason: `killed by ${end.name}` };
    default:
      return { up: false, reason: end.message, ...(end.isLocal && { inconclusive: true }) };
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: it has ended by itself.
  }
}

function notStarted(command: string, cause: unknown): ChildEnd {
  const code = errorCode(cause);
  const isLocal = isLocalTrouble(cause);
  if (code === 'ENOENT') {
    return { kind: 'missing', message: `command "${command}" not found`, isLocal };
  }
  if (code === 'EACCES') {
    const message = `command "${command}": permission to run it denied`;
    return { kind: 'not-startable', message, isLocal };
  }
  const why = messageOf(cause);
  return { kind: 'not-startable', message: `command "${command}" cannot be run: ${why}`, isLocal };
}

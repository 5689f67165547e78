import { closeSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { systemErrorText } from '../config/system-error.ts';
import { claimFile, pidIn } from './claim-file.ts';
import { openFiles } from './open-files.ts';
import { StartError } from './start-error.ts';

/** What a pid file says about its daemon. */
export type PidState =
  | { readonly kind: 'running'; readonly pid: number }
  /** The file holds a number, but no daemon of this file has it. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'stopped' };

/** Reads a pid file and looks at the process it names. An empty or missing file is `stopped`. */
export function pidState(path: string): PidState {
  const pid = pidIn(path);
  if (pid === undefined) return { kind: 'stopped' };
  return { kind: isDaemonOf(path, pid) ? 'running' : 'stale', pid };
}

/** Our pid files. They stay open, which shows that the process of that number is still the same. */
const held = new Map<string, number>();

/**
 * Writes our number, unless another daemon lives there.
 *
 * @returns false when one does; its file is left as it is.
 * @throws StartError when the file cannot be written.
 */
export function claimPidFile(path: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = claimFile(path, (pid) => isDaemonOf(path, pid));
    if (descriptor !== undefined) held.set(path, descriptor);
    return descriptor !== undefined;
  } catch (error) {
    throw new StartError(`cannot write pid file ${path}: ${systemErrorText(error)}`);
  }
}

/** Removes the file if it is still ours. */
export function releasePidFile(path: string): void {
  const own = held.get(path);
  if (own !== undefined) closeSync(own);
  held.delete(path);
  if (pidIn(path) === process.pid) rmSync(path, { force: true });
}

/** A number is used again, after a restart of a container the soonest: also by another daemon. */
function isDaemonOf(path: string, pid: number): boolean {
  const program = daemonProgram(pid);
  return program === 'ldirectord' || (program === 'ipvsd' && hasOpen(pid, basename(path)));
}

/** Whether a process is there and is a daemon of ours, or the ldirectord that we replace. */
export function isDaemon(pid: number): boolean {
  return daemonProgram(pid) !== undefined;
}

/** Whether a process is the ldirectord in Perl that we replace: it has no control socket. */
export function isPredecessor(pid: number): boolean {
  return daemonProgram(pid) === 'ldirectord';
}

/**
 * Looks at the program, not for a word anywhere: an editor with ldirectord.cf open is no daemon.
 *
 * @returns `ldirectord`: the one in Perl.
 */
function daemonProgram(pid: number): 'ipvsd' | 'ldirectord' | undefined {
  if (pid === process.pid) return undefined;
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    // "node /usr/bin/ipvsd run FILE", "/usr/bin/perl -w /usr/sbin/ldirectord FILE start"
    const [first = '', ...rest] = words.map((word) => basename(word));
    const isScript =
      interpreters.test(first) && rest.slice(0, 2).some((word) => programs.has(word));
    if (!isScript && !programs.has(first)) return undefined;
    return first.startsWith('perl') ? 'ldirectord' : 'ipvsd';
  } catch {
    return undefined;
  }
}

const interpreters = /^(node|nodejs|perl)[\d.]*$/;
const programs = new Set(['ipvsd', 'ldirectord', basename(process.argv[1] ?? 'ipvsd')]);

/**
 * Whether a process has a file open that is, or was at first, of that name.
 *
 * @returns true as well when it is not for us to look.
 */
function hasOpen(pid: number, name: string): boolean {
  return openFiles(pid)?.some((file) => basename(file).startsWith(name)) ?? true;
}

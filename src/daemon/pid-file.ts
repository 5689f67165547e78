import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { systemErrorText } from '../config/system-error.ts';
import { StartError } from './start-error.ts';

/** What a pid file says about its daemon. */
export type PidState =
  | { readonly kind: 'running'; readonly pid: number }
  /** The file holds a number, but no daemon of ours has it. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'stopped' };

/** Reads a pid file and looks at the process it names. An empty or missing file is `stopped`. */
export function pidState(path: string): PidState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch {
    return { kind: 'stopped' };
  }
  if (!/^\d+$/.test(text)) return { kind: 'stopped' };
  const pid = Number(text);
  return { kind: isDaemon(pid) ? 'running' : 'stale', pid };
}

/**
 * Writes our number, unless another daemon lives there.
 *
 * @returns false when one does; its file is left as it is.
 * @throws StartError when the file cannot be written.
 */
export function claimPidFile(path: string): boolean {
  try {
    return claim(path);
  } catch (error) {
    throw new StartError(`cannot write pid file ${path}: ${systemErrorText(error)}`);
  }
}

function claim(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: 0o644 });
      return true;
    } catch (error) {
      if (!isExistsError(error)) throw error;
    }
    const state = pidState(path);
    if (state.kind === 'running' && state.pid !== process.pid) return false;
    rmSync(path, { force: true });
  }
  return false;
}

/** Removes the file if it is still ours. */
export function releasePidFile(path: string): void {
  const state = pidState(path);
  if (state.kind !== 'stopped' && state.pid === process.pid) rmSync(path, { force: true });
}

/**
 * Whether a process is there and is a daemon of ours, or the ldirectord that we replace. Looks at
 * the program, not for a word anywhere: an editor with ldirectord.cf open is no daemon.
 */
export function isDaemon(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    // "node /usr/bin/ipvsd run FILE", "/usr/bin/perl -w /usr/sbin/ldirectord FILE start"
    const [first = '', ...rest] = words.map((word) => basename(word));
    const isScript =
      interpreters.test(first) && rest.slice(0, 2).some((word) => programs.has(word));
    return isScript || programs.has(first);
  } catch {
    return false;
  }
}

const interpreters = /^(node|nodejs|perl)[\d.]*$/;
const programs = new Set(['ipvsd', 'ldirectord', basename(process.argv[1] ?? 'ipvsd')]);

function isExistsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

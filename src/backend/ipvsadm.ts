import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { messageOf } from '../ipvs-netlink/errors.ts';
import type { Operation, OperationOutcome, ServiceEntry } from '../ipvs-netlink/model.ts';
import { BackendError, type IpvsBackend } from './backend.ts';
import { batchInput, probe, readBatch } from './ipvsadm-batch.ts';
import { ipvsadmObjection } from './ipvsadm-limits.ts';
import { parseListing } from './ipvsadm-list-parser.ts';
import { parseSavedTable } from './ipvsadm-save-parser.ts';
import { joinTable } from './ipvsadm-table.ts';
import { noIpvs, noPermission } from './refusals.ts';

/** Root's places, which are not on everybody's PATH. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/sbin'];
const TIMEOUT_MS = 60_000;

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The kernel's table by way of the command ipvsadm, for machines where netlink does not work.
 * It cannot say all that the kernel can: see ipvsadmObjection(). The table is read by several
 * commands, so its numbers are of slightly different moments.
 */
export class IpvsadmBackend implements IpvsBackend {
  readonly name = 'ipvsadm';
  readonly command: string;

  private constructor(command: string) {
    this.command = command;
  }

  /**
   * @param path directories to look for ipvsadm before the system's own, as in $PATH.
   * @throws BackendError when there is no ipvsadm, it may not see the table, or the kernel has none.
   */
  static async open(path = searchPath()): Promise<IpvsadmBackend> {
    const backend = new IpvsadmBackend(await findCommand(path));
    const { stderr } = await backend.#run(['-R'], probe.input);
    if (stderr.trim() !== probe.answer) throw unexpected('-R', stderr);
    return backend;
  }

  async readTable(): Promise<readonly ServiceEntry[]> {
    const [saved, thresholds, persistent, totals, rates] = await Promise.all([
      this.#list(['-Sn']),
      this.#list(['-Ln', '--thresholds']),
      this.#list(['-Ln', '--persistent-conn']),
      this.#list(['-Ln', '--stats', '--exact']),
      this.#list(['-Ln', '--rate', '--exact']),
    ]);
    return understand(() =>
      joinTable(parseSavedTable(saved), {
        thresholds: parseListing(thresholds),
        persistent: parseListing(persistent),
        totals: parseListing(totals),
        rates: parseListing(rates),
      }),
    );
  }

  async apply(operations: readonly Operation[]): Promise<readonly OperationOutcome[]> {
    const objections = operations.map(ipvsadmObjection);
    const sayable = operations.filter((_, index) => objections[index] === undefined);
    const outcomes = (await this.#applyAll(sayable)).values();
    return operations.map((operation, index) => {
      const objection = objections[index];
      if (objection !== undefined) return { operation, error: new Error(objection) };
      return outcomes.next().value ?? { operation, error: new Error('ipvsadm ended before it') };
    });
  }

  async close(): Promise<void> {}

  /** Goes on after an operation that ipvsadm stopped at, with a process for the rest. */
  async #applyAll(operations: readonly Operation[]): Promise<readonly OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    while (outcomes.length < operations.length) {
      const rest = operations.slice(outcomes.length);
      const { stderr } = await this.#run(['-R'], batchInput(rest));
      outcomes.push(...readBatch(rest, stderr));
    }
    return outcomes;
  }

  async #list(args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.#run(args);
    if (stderr.trim() !== '') throw unexpected(args.join(' '), stderr);
    return stdout;
  }

  async #run(args: readonly string[], input = ''): Promise<Answer> {
    const { stdout, stderr, exitCode, timedOut } = await execa(this.command, args, {
      input,
      reject: false,
      env: { LC_ALL: 'C' },
      timeout: TIMEOUT_MS,
    });
    if (timedOut) throw new BackendError(`ipvsadm: expected an end within ${TIMEOUT_MS / 1000} s`);
    if (stderr.includes("Can't initialize ipvs")) {
      throw stderr.includes('Permission denied') ? noPermission(stderr) : noIpvs(stderr);
    }
    if (exitCode === undefined) throw new BackendError(`cannot run ${this.command}`);
    return { stdout, stderr };
  }
}

function searchPath(): string {
  const { PATH = '' } = process.env;
  return PATH;
}

async function findCommand(path: string): Promise<string> {
  const directories = [...path.split(delimiter), ...SYSTEM_DIRECTORIES];
  for (const directory of directories.filter((name) => name.startsWith('/'))) {
    const command = join(directory, 'ipvsadm');
    if (await isExecutable(command)) return command;
  }
  throw new BackendError(
    'cannot find the command ipvsadm on PATH, in /usr/sbin or /sbin: install package ipvsadm',
  );
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function understand<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = messageOf(error);
    throw new BackendError(`cannot read the IPVS table: ${message}`, { cause: error });
  }
}

function unexpected(args: string, stderr: string): BackendError {
  const [line = ''] = stderr.trim().split('\n');
  return new BackendError(`ipvsadm ${args}: expected no complaint, got "${line}"`);
}

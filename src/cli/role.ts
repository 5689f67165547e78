import { parseArgs } from 'node:util';
import { isRole, type Role, roles } from '../config/role.ts';
import { messageOf } from '../config/system-error.ts';
import { type Instance, namedInstance, nominalInstance } from '../daemon/instance.ts';
import { RoleMemory, roleFile } from '../daemon/role-memory.ts';
import { fetchHead, putRole } from '../status/control-client.ts';
import type { RoleAnswer } from '../status/snapshot.ts';
import { unlessNobody } from './ask-daemon.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { orFail } from './find-instance.ts';

/**
 * `ipvsd role [active|standby] CONFIG`: prints the role of a daemon, or gives it one and returns
 * when its table is so. The role is kept for the next start when no daemon runs.
 *
 * @returns 0 the daemon has the role, 3 no daemon is running.
 * @throws CliError with exit code 1 when the daemon does not answer or the kernel refused something.
 */
export async function roleCommand(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  const [first, ...others] = positionals;
  if (first !== undefined && !isRole(first) && others.length === 0) return show(first);
  const [argument, ...surplus] = others;
  if (!isRole(first)) {
    throw usageError(`expected ${roles.join(' or ')}, or a CONFIG alone, got "${first ?? ''}"`);
  }
  if (argument === undefined || surplus.length > 0) {
    throw usageError(`${first}: expected exactly one CONFIG`);
  }
  return order(first, argument);
}

/** To ask a daemon must not depend on its file. */
async function show(argument: string): Promise<number> {
  const head = await unlessNobody('role', nominalInstance(argument), fetchHead);
  if (head === undefined) return stopped(argument);
  process.stdout.write(`${head.role}\n`);
  return exitCodes.ok;
}

async function order(role: Role, argument: string): Promise<number> {
  const answer = (await tell(nominalInstance(argument), role)) ?? (await leave(role, argument));
  if (answer === undefined) return stopped(argument, `, starts as ${role}`);
  const { problems, unremembered } = answer;
  if (unremembered !== undefined) process.stderr.write(`ipvsd: role: ${unremembered}\n`);
  if (problems.length > 0) throw new CliError(`role: ${problems.join('\n')}`, exitCodes.failure);
  process.stdout.write(`${answer.role}\n`);
  return exitCodes.ok;
}

/** A daemon that does not answer may hang, or be about to end: the next one shall have the role. */
async function tell(instance: Instance, role: Role): Promise<RoleAnswer | undefined> {
  try {
    return await put(instance, role);
  } catch (error) {
    remember(instance, role);
    throw error;
  }
}

/**
 * Leaves the role for the next start. A daemon that was about to start meanwhile is asked as well:
 * it may have looked too early.
 */
async function leave(role: Role, argument: string): Promise<RoleAnswer | undefined> {
  const instance = orFail(() => namedInstance(argument));
  const problem = remember(instance, role);
  if (problem !== undefined) throw new CliError(`role: ${problem}`, exitCodes.failure);
  return put(instance, role);
}

/** @returns why it cannot be remembered. */
function remember(instance: Instance, role: Role): string | undefined {
  try {
    new RoleMemory(roleFile(instance)).remember(role);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function put(instance: Instance, role: Role): Promise<RoleAnswer | undefined> {
  return unlessNobody('role', instance, (socketPath) => putRole(socketPath, role));
}

function stopped(argument: string, further = ''): number {
  process.stdout.write(`ipvsd is stopped for ${argument}${further}\n`);
  return exitCodes.notRunning;
}

function usageError(text: string): CliError {
  return new CliError(`role: ${text}`, exitCodes.failure);
}

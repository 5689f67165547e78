#!/usr/bin/env node
import { basename } from 'node:path';
import { CliError } from './cli/cli-error.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { isAction, ldirectordCommand } from './cli/ldirectord.ts';
import { usage, versionText } from './cli/usage.ts';

type Command = (args: readonly string[]) => Promise<number>;

/** Each command is loaded when it is called. */
const commands = new Map<string, () => Promise<Command>>([
  ['run', async () => (await import('./cli/run.ts')).runCommand],
  ['plan', async () => (await import('./cli/plan.ts')).planCommand],
  ['config', async () => (await import('./cli/config.ts')).configCommand],
  ['status', async () => (await import('./cli/status.ts')).statusCommand],
  ['doctor', async () => (await import('./cli/doctor.ts')).doctorCommand],
  ['import', async () => (await import('./cli/import.ts')).importCommand],
  ['export', async () => (await import('./cli/export.ts')).exportCommand],
  ['role', async () => (await import('./cli/role.ts')).roleCommand],
  ['nft', async () => (await import('./cli/nft.ts')).nftCommand],
  ['sync', async () => (await import('./cli/sync.ts')).syncCommand],
  ['genhash', genhash],
]);

/** Commands that say by themselves how they are called. */
const withOwnHelp: ReadonlySet<string> = new Set(['config', 'genhash']);

/**
 * Chooses the command. The names ldirectord and genhash come first, if the program is called by one
 * of them; then ldirectord's calling form, which has an action as first or second word. A bare
 * `status` is ours.
 */
async function dispatch(program: string, args: readonly string[]): Promise<number> {
  if (basename(program) === 'ldirectord') return ldirectordCommand(args);
  if (basename(program) === 'genhash') return unlessUnread('genhash', (await genhash())(args));
  const [first, second] = args;
  const command = commands.get(first ?? '');
  if (command !== undefined && (first === 'sync' || !isAction(second)))
    return isHelp(second) && !withOwnHelp.has(first ?? '')
      ? say(usage, exitCodes.ok)
      : unlessUnread(first, (await command())(args.slice(1)));
  if (first === '--help' || first === '-h' || first === undefined) {
    return say(usage, first === undefined ? exitCodes.usage : exitCodes.ok);
  }
  if (first === '--version' || first === '-v') return say(versionText, exitCodes.ok);
  if (isAction(first) || isAction(second) || first === '-d' || first === '--') {
    return ldirectordCommand(args);
  }
  process.stderr.write(`ipvsd: "${first}" is no command, and no action follows it\n`);
  return say(usage, exitCodes.usage);
}

/**
 * The exit code of a command, or that of a failure as soon as nobody reads its output any more, as
 * behind `| head`. A daemon goes on without.
 */
function unlessUnread(command: string | undefined, exitCode: Promise<number>): Promise<number> {
  if (command === 'run') return exitCode;
  const unread = new Promise<number>((resolve, reject) => {
    process.stdout.on('error', (error) => {
      if ('code' in error && error.code === 'EPIPE') resolve(exitCodes.failure);
      else reject(error);
    });
  });
  return Promise.race([exitCode, unread]);
}

async function genhash(): Promise<Command> {
  return (await import('./cli/genhash/genhash.ts')).genhashCommand;
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

function say(text: string, exitCode: number): number {
  process.stdout.write(text);
  return exitCode;
}

async function main(): Promise<number> {
  try {
    return await dispatch(process.argv[1] ?? 'ipvsd', process.argv.slice(2));
  } catch (error) {
    if (error instanceof CliError) {
      if (error.message !== '') process.stderr.write(`ipvsd: ${error.message}\n`);
      return error.exitCode;
    }
    if (isArgumentError(error)) {
      // node adds advice on "--", which is none here
      process.stderr.write(`ipvsd: ${error.message.replace(/\. To specify .*/s, '')}\n`);
      return exitCodes.failure;
    }
    if (isOutOfFiles(error)) {
      process.stderr.write(
        'ipvsd: too many open files: expected a limit of 1024 at least (ulimit -n)\n',
      );
      return exitCodes.failure;
    }
    throw error;
  }
}

/** Of the process or of the whole machine; the program's own modules are files, too. */
function isOutOfFiles(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'EMFILE' || error.code === 'ENFILE')
  );
}

/** node:util parseArgs throws these for unknown options. */
function isArgumentError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('ERR_PARSE_ARGS')
  );
}

process.exit(await main());

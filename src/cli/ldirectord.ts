import type { Config } from '../config/model.ts';
import { type Instance, ldirectordInstance } from '../daemon/instance.ts';
import { pidState } from '../daemon/pid-file.ts';
import { exitCodes } from './exit-codes.ts';
import { orFail } from './find-instance.ts';
import { sendSignal } from './signal.ts';
import { ldirectordUsage, versionText } from './usage.ts';

/** The actions of ldirectord's calling form. */
export const actions = [
  'start',
  'stop',
  'restart',
  'try-restart',
  'reload',
  'force-reload',
  'status',
] as const;

export type Action = (typeof actions)[number];

/** Whether a word is one of ldirectord's actions. */
export function isAction(word: string | undefined): word is Action {
  return actions.some((action) => action === word);
}

/**
 * ldirectord's own calling form: `[options] [--] [config] ACTION`, with its exit codes and texts.
 *
 * @param args without node and program.
 * @returns the exit code.
 * @throws CliError for everything that ends in a message on stderr.
 */
export async function ldirectordCommand(args: readonly string[]): Promise<number> {
  const call = parseCall(args);
  if (call.kind === 'say') {
    process.stdout.write(call.text);
    return call.exitCode;
  }
  // a stop must not depend on the file being whole, or there
  if (call.action === 'stop') {
    const { stopForGood } = await import('./stop.ts');
    return stopForGood(call.config);
  }
  const instance = orFail(() => ldirectordInstance(call.config));
  const { loadOrFail } = await import('./load.ts');
  const config = await loadOrFail(instance.configPath, exitCodes.configError);
  switch (call.action) {
    case 'start':
      return start(instance, config, call);
    case 'restart':
      return restart(instance, config, call);
    case 'try-restart':
      if (pidState(instance.pidFile).kind !== 'running') return exitCodes.ok;
      return restart(instance, config, call);
    case 'reload':
    case 'force-reload':
      return reload(instance);
    case 'status':
      return status(instance, config);
  }
}

type Call =
  | { readonly kind: 'say'; readonly text: string; readonly exitCode: number }
  | {
      readonly kind: 'act';
      readonly debug: boolean;
      /** As they stand in the call, with the `--` behind them. */
      readonly options: readonly string[];
      readonly config: string | undefined;
      readonly action: Action;
    };

/** Options end at the first word that is none, as in ldirectord: `start -d` is an error. */
function parseCall(args: readonly string[]): Call {
  let debug = false;
  let rest = [...args];
  while (rest[0]?.startsWith('-')) {
    const [word = '', ...others] = rest;
    rest = others;
    if (word === '--') break;
    for (const option of word.startsWith('--') ? [word] : bundled(word)) {
      if (option === '-d' || option === '--debug') debug = true;
      else if (option === '-v' || option === '--version') return say(versionText, exitCodes.ok);
      else if (['-h', '-?', '--help'].includes(option)) return say(ldirectordUsage, exitCodes.ok);
      else {
        process.stderr.write(`Unknown option: ${option.replace(/^-+/, '')}\n`);
        return say(ldirectordUsage, exitCodes.usage);
      }
    }
  }
  const [first, second] = rest;
  const action = rest.length > 1 ? second : first;
  if (!isAction(action)) return say(ldirectordUsage, exitCodes.usage);
  const options = args.slice(0, args.length - rest.length);
  return { kind: 'act', debug, options, config: rest.length > 1 ? first : undefined, action };
}

function bundled(word: string): readonly string[] {
  return Array.from(word.slice(1), (letter) => `-${letter}`);
}

function say(text: string, exitCode: number): Call {
  return { kind: 'say', text, exitCode };
}

/** What a start needs is loaded for it alone: `status` is asked every few seconds. */
async function start(
  instance: Instance,
  config: Config,
  call: Extract<Call, { kind: 'act' }>,
): Promise<number> {
  const { startDaemon } = await import('./start.ts');
  const named = call.config === undefined ? [] : [call.config];
  const words = [...call.options, ...named, 'start'];
  await startDaemon(instance, config, { debug: call.debug, words });
  return exitCodes.ok;
}

async function restart(
  instance: Instance,
  config: Config,
  call: Extract<Call, { kind: 'act' }>,
): Promise<number> {
  const { stopDaemon } = await import('./stop.ts');
  await stopDaemon(instance);
  return start(instance, config, call);
}

function reload(instance: Instance): number {
  const state = pidState(instance.pidFile);
  if (state.kind !== 'running') {
    process.stderr.write(`ldirectord is stopped for ${instance.configPath}\n`);
    return exitCodes.failure;
  }
  sendSignal(state.pid, 'SIGHUP');
  return exitCodes.ok;
}

async function status(instance: Instance, config: Config): Promise<number> {
  const { configPath, pidFile } = instance;
  const state = pidState(pidFile);
  if (state.kind === 'running') {
    process.stderr.write(`ldirectord for ${configPath} is running with pid: ${state.pid}\n`);
    if (config.execute.length > 0) {
      const { furtherStatus } = await import('./further-status.ts');
      await furtherStatus(instance.name, config.execute);
    }
    return exitCodes.ok;
  }
  if (state.kind === 'stale') {
    process.stderr.write(`ldirectord stale pid file ${pidFile} for ${configPath}\n`);
  }
  process.stdout.write(`ldirectord is stopped for ${configPath}\n`);
  return state.kind === 'stale' ? exitCodes.failure : exitCodes.notRunning;
}

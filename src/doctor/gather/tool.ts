import { execa } from 'execa';
import type { Unseen } from '../facts.ts';

export type ToolResult =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'ran';
      /** Undefined when it took too long. */
      readonly exitCode: number | undefined;
      readonly stdout: string;
      readonly stderr: string;
    };

const defaultTimeoutMs = 10_000;
/** A plain user's PATH often lacks these. */
const systemFolders = '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin';

/** Runs a program of the system to its end. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<ToolResult> {
  const { PATH = '' } = process.env;
  const result = await execa(command, args, {
    reject: false,
    timeout: options.timeoutMs ?? defaultTimeoutMs,
    env: { PATH: `${PATH}:${systemFolders}`, LC_ALL: 'C' },
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
  });
  // a file that cannot be executed is no program
  if (result.code === 'ENOENT' || result.code === 'EACCES') return { kind: 'missing' };
  const { exitCode, stdout, stderr } = result;
  return { kind: 'ran', exitCode, stdout, stderr };
}

/** Debian's packages of the programs. */
const packages: Readonly<Record<string, string>> = {
  arping: 'iputils-arping',
  ip: 'iproute2',
  'iptables-legacy-save': 'iptables',
  nft: 'nftables',
  ping: 'iputils-ping',
};

/** What a program did not tell, with the command that installs it where it is missing. */
export function untoldBy(command: string, result: ToolResult): Unseen {
  const unknown = failureText(command, result);
  const name = packages[command];
  return result.kind !== 'missing' || name === undefined
    ? { unknown }
    : { unknown, command: `apt-get install ${name}` };
}

/** Why a program gave nothing, in a few words. */
export function failureText(command: string, result: ToolResult): string {
  if (result.kind === 'missing') return `${command} is not installed`;
  const [line = ''] = result.stderr.split('\n');
  const how = result.exitCode === undefined ? 'did not end' : `ended with ${result.exitCode}`;
  return `${command} ${how}${line === '' ? '' : `: ${line}`}`;
}

import { execa } from 'execa';
import { program } from './ipvsd.ts';

export interface CallResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the program as it was compiled, to its end. */
export async function callIpvsd(...args: readonly string[]): Promise<CallResult> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args], {
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
  return { exitCode, stdout, stderr };
}

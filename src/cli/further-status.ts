import { execa } from 'execa';
import { chainWith, isInChain } from '../daemon/execute-chain.ts';

/** As in ldirectord: `status` of this program for each instance of an `execute` line. */
export async function furtherStatus(
  instanceName: string,
  execute: readonly string[],
): Promise<void> {
  const [, script = ''] = process.argv;
  for (const value of execute.filter((name) => !isInChain(name))) {
    const args = [...process.execArgv, script, '--', value, 'status'];
    const env = chainWith(instanceName);
    await execa(process.execPath, args, { stdio: 'inherit', reject: false, timeout: 10_000, env });
  }
}

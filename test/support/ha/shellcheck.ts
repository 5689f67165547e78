import { execa } from 'execa';

/** @throws Error with what it found in the scripts. */
export async function shellcheck(scripts: readonly string[]): Promise<void> {
  // its run-time system reserves address space by the terabyte, which User-Mode Linux never ends
  const limited = 'ulimit -v 4194304; exec shellcheck --shell=sh "$@"';
  await execa('sh', ['-c', limited, 'sh', ...scripts], { timeout: 120_000 });
}

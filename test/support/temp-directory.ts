import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Lends a fresh directory to `use` and removes it after, also when the process exits meanwhile. */
export async function withTempDirectory<Result>(
  name: string,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(path.join(tmpdir(), `${name}-`));
  const removeAtExit = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    return await use(directory);
  } finally {
    process.off('exit', removeAtExit);
    await rm(directory, { recursive: true, force: true });
  }
}

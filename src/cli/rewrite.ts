import { type Encoding, encode } from '../config/ldirectord/encoding.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { systemErrorText } from '../config/system-error.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { withFile } from './replace-file.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface RewriteOptions {
  /** The file stays as it is. */
  readonly dryRun: boolean;
  /** What goes to stdout: the changes, or nothing. */
  readonly print: 'diff' | 'nothing';
}

/** A text with another one that is to take its place. */
export interface Rewritten {
  readonly text: string;
  readonly encoding: Encoding;
  readonly after: string;
}

/**
 * Replaces the text of a file in one step; a file that is as wanted already is not touched.
 *
 * @throws CliError as of `withFile`, and with exit code 2 for a file that cannot be read.
 */
export async function rewrite(
  path: string,
  { dryRun, print }: RewriteOptions,
  change: (bytes: Uint8Array) => Promise<Rewritten>,
): Promise<void> {
  if (dryRun) {
    show(path, print, await change(await read(path)));
    return;
  }
  await withFile(path, async (file) => {
    const rewritten = await change(file.bytes);
    const { text, encoding, after } = rewritten;
    if (after !== text) await file.replace(encode(after, encoding));
    show(path, print, rewritten);
  });
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    throw new CliError(`"${path}" cannot be read: ${systemErrorText(error)}`, exitCodes.failure);
  }
}

function show(path: string, print: RewriteOptions['print'], { text, after }: Rewritten): void {
  if (print === 'diff') process.stdout.write(unifiedDiff(text, after, path));
}

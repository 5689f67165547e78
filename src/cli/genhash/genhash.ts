import { exitCodes } from '../exit-codes.ts';
import { genhashUsage } from '../usage.ts';
import { runAsKeepalived } from './compat.ts';
import { diffPages } from './diff-pages.ts';
import { digestPages } from './digests.ts';
import type { GenhashIo } from './io.ts';
import { type GenhashOptions, readCall } from './options.ts';

/**
 * `ipvsd genhash`, and the program called by the name `genhash`: fetches pages and prints the
 * digest that a check of them compares with, by the code of the check.
 *
 * @returns the exit code: 0 when everything went well, 1 for any failure, 2 when --diff found a
 *   page that changes; with --compat keepalived's: 1 for a wrong call and 0 for everything else.
 */
export async function genhashCommand(args: readonly string[]): Promise<number> {
  return genhash(args, {
    out: (bytes) => process.stdout.write(bytes),
    err: (text) => process.stderr.write(text),
    room: () => {
      const { stdout } = process;
      if (!stdout.writableNeedDrain) return undefined;
      return new Promise((resolve) => stdout.once('drain', () => resolve()));
    },
  });
}

/** The same with another place for its output. */
export async function genhash(args: readonly string[], io: GenhashIo): Promise<number> {
  const compat = args.includes('--compat');
  const call = readCall(args);
  switch (call.kind) {
    case 'help':
      if (compat) io.err(genhashUsage);
      else io.out(genhashUsage);
      return compat ? exitCodes.failure : exitCodes.ok;
    case 'wrong':
      if (!compat || call.compatText === undefined) io.err(`ipvsd: genhash: ${call.message}\n`);
      else io.err(`${call.compatText}\n${genhashUsage}`.replace(/^\n/, ''));
      return exitCodes.failure;
    case 'fetch':
      return run(call.options, io);
  }
}

function run(options: GenhashOptions, io: GenhashIo): Promise<number> {
  if (options.compat) return runAsKeepalived(options, io);
  return options.output === 'diff' ? diffPages(options, io) : digestPages(options, io);
}

import { genhash } from '../../src/cli/genhash/genhash.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';
import type { CallResult } from './call-ipvsd.ts';

/** Runs genhash in this process on the page /cl of a server; each byte of its output is a character. */
export function callGenhash(
  { address, port }: Endpoint,
  args: readonly string[],
): Promise<CallResult> {
  return callGenhashWith(['-s', address, '-p', String(port), '-u', '/cl', ...args]);
}

/** Runs genhash in this process. */
export async function callGenhashWith(args: readonly string[]): Promise<CallResult> {
  const out: Buffer[] = [];
  let stderr = '';
  const exitCode = await genhash(args, {
    out: (bytes) => void out.push(Buffer.from(bytes)),
    err: (text) => {
      stderr += text;
    },
  });
  return { exitCode, stdout: Buffer.concat(out).toString('latin1'), stderr };
}

import { parseArgs } from 'node:util';
import { controlSockets } from '../daemon/instance.ts';
import { fetchSnapshot } from '../status/control-client.ts';
import { statusText } from '../status/text.ts';
import { unlessNobody, type Whom } from './ask-daemon.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { findInstance } from './find-instance.ts';

/**
 * `ipvsd status [--json] [CONFIG]`: what the running daemons know. With --json: an array with one
 * snapshot per daemon. With --monitor DEPTH: a verdict for cluster managers (see cli/monitor.ts).
 *
 * @returns 0, or 3 when no daemon (of CONFIG) answers.
 */
export async function statusCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, monitor: { type: 'string' } },
  });
  const [argument, ...surplus] = positionals;
  if (surplus.length > 0) {
    throw new CliError('status: expected at most one CONFIG', exitCodes.failure);
  }
  if (values.monitor !== undefined) {
    const { monitor } = await import('./monitor.ts');
    return monitor(values.monitor, argument);
  }
  const asked: readonly Whom[] =
    argument === undefined
      ? controlSockets().map((socketPath) => ({ socketPath }))
      : [findInstance(argument)];
  const snapshots = (
    await Promise.all(asked.map((whom) => unlessNobody('status', whom, fetchSnapshot)))
  ).filter((s) => s !== undefined);

  if (values.json) {
    process.stdout.write(`${JSON.stringify(snapshots, undefined, 2)}\n`);
  } else if (snapshots.length > 0) {
    const now = new Date();
    process.stdout.write(snapshots.map((snapshot) => statusText(snapshot, now)).join('\n'));
  } else {
    process.stdout.write(`ipvsd is stopped${argument === undefined ? '' : ` for ${argument}`}\n`);
  }
  return snapshots.length > 0 ? exitCodes.ok : exitCodes.notRunning;
}

import type { PingCheck } from '../config/check-model.ts';
import type { Check, CheckOutcome } from './check.ts';
import { runChild } from './child.ts';
import { oneLine } from './reason.ts';

/**
 * Up when the server answers one of `attempts` ICMP echo requests, IPv4 or IPv6. The requests are
 * sent by the ping command, since Node has no raw sockets: ping(8) of iputils, where exit code 0
 * means an answer, 1 none, and others that nothing could be sent.
 *
 * @param command the ping to run, looked for in PATH when it is a bare name.
 */
export function pingCheck(command: string): Check<PingCheck> {
  return async (definition, { signal }) => {
    const { attempts, timeoutMs } = definition;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      signal.throwIfAborted();
      const outcome = await pingOnce(command, definition, signal);
      if (outcome !== undefined) return outcome;
    }
    const tries = attempts === 1 ? '' : `, ${attempts} attempts`;
    return { up: false, reason: `no echo reply within ${timeoutMs} ms${tries}` };
  };
}

/** Undefined when the time for this attempt passed without an answer. */
async function pingOnce(
  command: string,
  { family, address, from, timeoutMs }: PingCheck,
  signal: AbortSignal,
): Promise<CheckOutcome | undefined> {
  const attempt = new AbortController();
  // ping's own -W is in whole seconds for some; this is the exact end.
  const timer = setTimeout(() => attempt.abort(), timeoutMs);
  const waitS = String(Math.ceil(timeoutMs / 1000));
  const end = await runChild({
    command,
    args: [
      ...(family === 'inet6' ? ['-6'] : []),
      '-n',
      ...(from === undefined ? [] : ['-I', from]),
      '-c',
      '1',
      '-W',
      waitS,
      address,
    ],
    output: 'collect',
    signal: AbortSignal.any([signal, attempt.signal]),
    graceMs: 0,
  });
  clearTimeout(timer);
  signal.throwIfAborted();
  if (attempt.signal.aborted) return undefined;
  switch (end.kind) {
    case 'exit':
      if (end.code === 0) return { up: true, reason: 'echo reply' };
      if (end.code === 1) return undefined;
      return down(oneLine(end.stderr) || `ping: exit code ${end.code}`);
    case 'signal':
      return down(`ping: killed by ${end.name}`);
    case 'missing':
      return cannotAsk(`${end.message}, install it (Debian: iputils-ping)`);
    default:
      return cannotAsk(end.message);
  }
}

/** Without a ping nothing is known of the server. */
function cannotAsk(reason: string): CheckOutcome {
  return { up: false, reason, inconclusive: true };
}

function down(reason: string): CheckOutcome {
  return { up: false, reason };
}

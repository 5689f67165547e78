import type { CheckEvent } from './event.ts';

/**
 * The line of a monitorfile for one check: `[ctime] [PID] IDENTITY [up|down] MESSAGE`.
 *
 * @returns undefined for the checks that ldirectord leaves out: external-perl, and a ping without
 *   an answer.
 */
export function monitorLine(event: CheckEvent, pid: number): string | undefined {
  const { check, up, reason, at } = event;
  const { type } = check.definition;
  const { identity } = check;
  if (identity === undefined || type === 'external-perl' || (type === 'ping' && !up)) {
    return undefined;
  }
  const word = up ? 'up' : 'down';
  return `[${ctime(at)}] [${pid}] ${identity} [${word}] ${encoded(reason)}\n`;
}

/** ctime(3) in local time: `Mon Jan  2 15:04:05 2030`. */
function ctime(at: Date): string {
  // "Mon Jan 02 2030 15:04:05 GMT..." (ECMA-262, 21.4.4.41)
  const [weekday = '', month = '', day = '', year = '', time = ''] = at.toString().split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}

/** So that a message cannot be taken for a line of its own; `-` stands for none. */
function encoded(message: string): string {
  const text = message.replace(
    /[%|\r\n]/g,
    (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return text === '' ? '-' : text;
}

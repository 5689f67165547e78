import type { AlertStatus, VirtualServer } from '../../config/model.ts';
import type { ServerOfVirtual } from '../event.ts';

/** An alert on its way to one list of recipients. */
export interface Letter {
  readonly recipients: readonly string[];
  /** The `smtp` of the virtual server. */
  readonly smtp?: string;
  /** The `emailalertfrom` of the file. */
  readonly from?: string;
  readonly subject: string;
  readonly text: string;
}

/** What is the same in all letters at one moment. */
export interface LetterHead {
  readonly host: string;
  readonly phase: AlertStatus;
  readonly from: string | undefined;
}

/**
 * The letter about something that was logged, in ldirectord's form.
 *
 * @returns undefined when nobody wants it: no recipient, or not in this state of the daemon.
 */
export function letterAbout(
  logText: string,
  virtual: VirtualServer,
  { host, phase, from }: LetterHead,
): Letter | undefined {
  const { recipients, statuses, smtp } = virtual.emailAlert;
  if (recipients.length === 0 || !statuses.includes(phase)) return undefined;
  const { serviceName, comment } = virtual;
  const subject = serviceName === undefined ? logText : `[${serviceName}] ${logText}`;
  const about = [
    ...(serviceName === undefined ? [] : [`Service name: ${serviceName}`]),
    ...(comment === undefined ? [] : [`Comment: ${comment}`]),
  ];
  const lines = [
    `ldirectord host: ${host}`,
    `Log-Message: ${subject}`,
    `Daemon-Status: ${phase}`,
    ...(about.length > 0 ? ['', ...about] : []),
  ];
  return {
    recipients,
    ...(smtp !== undefined && { smtp }),
    ...(from !== undefined && { from }),
    subject,
    text: textOf(lines),
  };
}

/** The text of a reminder: the server has been out of service for a while. */
export function reminderText({ virtual, real }: ServerOfVirtual): string {
  return `Inaccessible real server: ${real.key.replace(/#\d+$/, '')} (${virtual.label})`;
}

/**
 * Several letters to the same recipients in one.
 *
 * @param dropped so many more were not kept.
 */
export function digest(
  letters: readonly [Letter, ...Letter[]],
  dropped: number,
  host: string,
): Letter {
  const [first, ...rest] = letters;
  if (rest.length === 0 && dropped === 0) return first;
  const count = letters.length + dropped;
  const lines = [
    `ldirectord host: ${host}`,
    `Many alerts at once; these ${letters.length} came one after the other:`,
    '',
    ...letters.map(({ subject }) => subject),
    ...(dropped > 0 ? ['', `${dropped} more are not listed.`] : []),
  ];
  return { ...first, subject: `${count} alerts of ${host}`, text: textOf(lines) };
}

/** Letters with equal keys go to the same people the same way. */
export function letterKey({ recipients, smtp }: Letter): string {
  return JSON.stringify([recipients, smtp ?? '']);
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

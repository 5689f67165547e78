import { getSystemErrorMap } from 'node:util';

/** What is known of a failed request. */
export interface NetlinkFailure {
  /** What was asked, as "add-service tcp 10.0.0.1:80". */
  readonly operation: string;
  /** Name of the errno (ENOENT), or one of our own: ETIMEDOUT, EBADMSG, ECANCELED. */
  readonly code: string;
  /** What it means here, in one phrase; the system's own phrase for the code when left out. */
  readonly detail?: string;
  /** The number that the kernel gave. */
  readonly errno?: number;
  /** The kernel's own sentence and place in the request, when it sent an extended acknowledgement. */
  readonly kernelText?: string;
  readonly offset?: number;
  /** True when the kernel may or may not have done it: its answer was lost. */
  readonly outcomeUnknown?: boolean;
  readonly cause?: unknown;
}

/** The one error of this library. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly operation: string;
  readonly code: string;
  readonly errno: number | undefined;
  readonly kernelText: string | undefined;
  readonly offset: number | undefined;
  readonly outcomeUnknown: boolean;

  constructor(failure: NetlinkFailure) {
    super(sentence(failure), failure.cause === undefined ? {} : { cause: failure.cause });
    this.operation = failure.operation;
    this.code = failure.code;
    this.errno = failure.errno;
    this.kernelText = failure.kernelText;
    this.offset = failure.offset;
    this.outcomeUnknown = failure.outcomeUnknown ?? false;
  }
}

/** The name of a positive errno: 2 is ENOENT. Numbers without a name stay numbers. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** The code of an error that a system call gave, or EIO when it has none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'EIO';
}

/** `operation: detail [the kernel's sentence, at byte 24] (ENOENT)` */
function sentence(failure: NetlinkFailure): string {
  const { operation, code, detail, errno, kernelText, offset } = failure;
  const meaning = detail ?? (errno === undefined ? undefined : systemPhrase(errno));
  const place = offset === undefined ? '' : `, at byte ${offset} of the request`;
  const kernel = kernelText === undefined ? '' : ` [kernel: "${kernelText}"${place}]`;
  return `${operation}: ${meaning ?? 'failed'}${kernel} (${code})`;
}

function systemPhrase(errno: number): string | undefined {
  return getSystemErrorMap().get(-errno)?.[1];
}

/** What an error says; whatever else was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

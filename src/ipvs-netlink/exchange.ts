import { errnoName, NetlinkError } from './errors.ts';
import {
  type KernelVerdict,
  type NetlinkMessage,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  readDoneMessage,
  readErrorMessage,
} from './message.ts';

/** What came back for one request. */
export interface Answer {
  readonly messages: readonly NetlinkMessage[];
  readonly error?: NetlinkError;
}

/** What came back for all requests of one send. */
export interface ExchangeResult {
  /** One per request, in the order of the requests. */
  readonly answers: readonly Answer[];
  /** NLM_F_DUMP_INTR: the table changed while it was dumped. */
  readonly interrupted: boolean;
  /** Why answers may be missing; absent when every one arrived. */
  readonly lost?: NetlinkError;
}

interface Slot {
  readonly operation: string;
  readonly messages: NetlinkMessage[];
  verdict?: KernelVerdict;
}

/**
 * The answers to one send, collected by sequence number. Only the last request asks for an
 * acknowledgement, the kernel works through a send in order (netlink_rcv_skb), and it reports
 * errors unasked: so once the last request has its verdict, an earlier one without is done, unless
 * something was lost on the way.
 */
export class Exchange {
  /** By sequence number, in the order of the requests. */
  readonly #slots: ReadonlyMap<number, Slot>;
  readonly #lastSequence: number;
  #interrupted = false;
  #lost: NetlinkError | undefined;

  /** @param operations what was asked, in order; the first bears `firstSequence`. */
  constructor(operations: readonly string[], firstSequence: number) {
    this.#slots = new Map(
      operations.map((operation, index) => [
        sequenceAfter(firstSequence, index),
        { operation, messages: [] },
      ]),
    );
    this.#lastSequence = sequenceAfter(firstSequence, operations.length - 1);
  }

  /**
   * Takes one message. Those with a foreign sequence number are passed over: late answers.
   *
   * @throws MessageError, AttributeError when it is malformed.
   */
  take(message: NetlinkMessage): void {
    const slot = this.#slots.get(message.sequence);
    if (slot === undefined) return;
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true;
    if (message.type === NLMSG_ERROR) slot.verdict = readErrorMessage(message);
    else if (message.type === NLMSG_DONE) slot.verdict = readDoneMessage(message);
    else if (message.type !== NLMSG_NOOP) slot.messages.push(message);
  }

  /** Notes that something did not arrive. The first reason stays. */
  lose(code: string, detail: string, cause?: unknown): void {
    const operation = this.#slots.get(this.#lastSequence)?.operation ?? 'netlink';
    this.#lost ??= new NetlinkError({ operation, code, detail, outcomeUnknown: true, cause });
  }

  /** True when the last request has its verdict: nothing more will come. */
  get finished(): boolean {
    return this.#slots.get(this.#lastSequence)?.verdict !== undefined;
  }

  result(): ExchangeResult {
    return {
      answers: [...this.#slots.values()].map((slot) => this.#answer(slot)),
      interrupted: this.#interrupted,
      ...(this.#lost === undefined ? {} : { lost: this.#lost }),
    };
  }

  #answer({ operation, messages, verdict }: Slot): Answer {
    if (verdict === undefined && this.#lost !== undefined) {
      return { messages, error: unknownOutcome(operation, this.#lost) };
    }
    if (verdict === undefined || verdict.errno === 0) return { messages };
    return { messages, error: refused(operation, verdict) };
  }
}

/** nlmsg_seq is a u32 and wraps. */
export function sequenceAfter(sequence: number, steps: number): number {
  return (sequence + steps) >>> 0;
}

function refused(operation: string, { errno, text, offset }: KernelVerdict): NetlinkError {
  return new NetlinkError({
    operation,
    code: errnoName(errno),
    errno,
    ...(text === undefined ? {} : { kernelText: text }),
    ...(offset === undefined ? {} : { offset }),
  });
}

function unknownOutcome(operation: string, lost: NetlinkError): NetlinkError {
  return new NetlinkError({
    operation,
    code: lost.code,
    detail: 'no answer arrived, so it is unknown whether the kernel did it',
    outcomeUnknown: true,
    cause: lost,
  });
}

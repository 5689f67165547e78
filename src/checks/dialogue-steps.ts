import type { DialogueCheck } from '../config/block-checks.ts';
import { type Check, type CheckOutcome, withWarning } from './check.ts';
import { DatagramDialogue } from './datagram-dialogue.ts';
import { Dialogue } from './dialogue.ts';
import { describeError, isLocalTrouble, oneLine } from './reason.ts';
import { type ReceiveSearch, receiveSearch } from './receive-search.ts';
import { withinLimit } from './within-limit.ts';

/**
 * The check of `check = dialogue`: connects over TCP, TLS or UDP and goes through the steps of the
 * file. Up when every `expect` has found its pattern in what came after the match of the one before
 * it. When a step fails, the reason says which, and what came instead.
 */
export const checkDialogueSteps: Check<DialogueCheck> = async (definition, { signal }) => {
  const { steps, timeoutMs } = definition;
  const actions = steps.map(
    (step): Action => ('send' in step ? step : { expect: receiveSearch(step.expect) }),
  );
  const progress: Progress = { step: 0 };
  return withinLimit(
    timeoutMs,
    signal,
    (limited) => converse(definition, actions, progress, limited),
    () => ({ up: false, reason: `${failedAt(definition, progress)} within ${timeoutMs} ms` }),
  );
};

type Action = { readonly send: string } | { readonly expect: ReceiveSearch };

/** What a connection over TCP and one over UDP have in common. */
interface Conversation {
  connected(): Promise<unknown>;
  send(text: string): void;
  expect(expression: ReceiveSearch): Promise<string | undefined>;
  readonly rest: string;
  close(): void;
}

/** How far a check has come. */
interface Progress {
  /** 1 for the first; 0 while it connects. */
  step: number;
  conversation?: Conversation;
}

async function converse(
  definition: DialogueCheck,
  actions: readonly Action[],
  progress: Progress,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const conversation = open(definition, signal);
  progress.conversation = conversation;
  try {
    await conversation.connected();
    for (const action of actions) {
      progress.step += 1;
      if ('send' in action) conversation.send(action.send);
      else if ((await conversation.expect(action.expect)) === undefined) {
        return down(`${failedAt(definition, progress)}, and the connection is closed`);
      }
    }
    const { tls } = definition;
    const isTls = tls !== undefined && conversation instanceof Dialogue;
    const warning = isTls ? conversation.certificateWarning(tls) : undefined;
    return withWarning({ up: true, reason: 'answered as expected' }, warning);
  } catch (error) {
    signal.throwIfAborted();
    if (progress.step === 0 || isLocalTrouble(error)) throw error;
    return down(`${failedAt(definition, progress)}: ${describeError(error)}`);
  } finally {
    conversation.close();
  }
}

function open({ target, transport, tls }: DialogueCheck, signal: AbortSignal): Conversation {
  if (transport === 'udp') return new DatagramDialogue(target, signal);
  const wish = tls && { settings: tls, expectedName: target.address };
  return Dialogue.open(target, signal, { tls: wish });
}

/** `step 2: expected "\+PONG", got "-ERR unknown command"`. */
function failedAt({ steps }: DialogueCheck, { step, conversation }: Progress): string {
  const failed = steps[step - 1];
  if (failed === undefined) return 'no connection';
  const got = shortened(conversation?.rest ?? '');
  const came = got === '' ? 'nothing' : `"${got}"`;
  const wanted = 'send' in failed ? 'cannot send' : `expected "${shortened(failed.expect)}"`;
  return `step ${step}: ${wanted}, got ${came}`;
}

const longestQuote = 80;

function shortened(text: string): string {
  const line = oneLine(text);
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}...` : line;
}

function down(reason: string): CheckOutcome {
  return { up: false, reason };
}

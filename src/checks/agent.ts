import type { AgentCheck } from '../config/block-checks.ts';
import type { Check, CheckOutcome } from './check.ts';
import { Dialogue } from './dialogue.ts';
import { describeError, oneLine } from './reason.ts';
import { receiveSearch } from './receive-search.ts';

/**
 * The check of `check = agent`: HAProxy's agent-check (its configuration manual, 5.2). Connects,
 * sends a line if there is one, and reads a line of words, parted by blanks, tabs or commas, in any
 * order and any case:
 *
 * - `75%` sets the weight to that part of the configured one;
 * - `up`, and `down`, `failed` or `stopped`, perhaps with a description after "#", say how it is;
 * - `drain` keeps new connections away, `maint` takes the server out, `ready` undoes either;
 * - `maxconn:30` is passed over: IPVS does not queue connections.
 *
 * Of words that contradict each other the last one counts. Each answer stands for itself: what it
 * does not say is as configured, whereas HAProxy keeps what an earlier answer said.
 *
 * An agent that cannot be reached, is silent, or says nothing of this tells nothing about the
 * server, as with HAProxy: that is for the other checks of the server to find out.
 */
export const checkAgent: Check<AgentCheck> = async ({ target, send }, { signal }) => {
  const dialogue = Dialogue.open(target, signal);
  try {
    if (send !== '') dialogue.send(send);
    const line = (await dialogue.expect(receiveSearch('[\\r\\n]'))) ?? dialogue.rest;
    if (line === '') return unknown('connection closed without an answer');
    return outcomeOf(line);
  } catch (error) {
    signal.throwIfAborted();
    return unknown(describeError(error));
  } finally {
    dialogue.close();
  }
};

/** What an agent has said. */
interface Words {
  readonly percent?: number;
  readonly state?: 'up' | 'down';
  readonly order?: 'ready' | 'drain' | 'maint';
  readonly strange?: string;
  readonly known: number;
}

function outcomeOf(line: string): CheckOutcome {
  const [text = '', ...description] = line.split('#');
  const { percent, state, order, strange, known } = wordsIn(text);
  const said = `agent: ${oneLine(line)}`;
  if (known === 0) return unknown(oneLine(line) === '' ? 'an empty answer' : oneLine(line));
  const down =
    description.length > 0 ? `agent: ${oneLine(text)}: ${oneLine(description.join('#'))}` : said;
  return {
    up: state !== 'down' && order !== 'maint',
    reason: state === 'down' ? down : said,
    ...(percent !== undefined && { effect: { kind: 'percent', percent } }),
    ...((order === 'drain' || order === 'maint') && { order }),
    ...(strange !== undefined && { warning: `agent: unknown word "${oneLine(strange)}"` }),
  };
}

function wordsIn(text: string): Words {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  return words.reduce(withWord, { known: 0 });
}

function withWord(words: Words, word: string): Words {
  const known = words.known + 1;
  const percent = /^(\d{1,9})%$/.exec(word)?.[1];
  if (percent !== undefined) return { ...words, known, percent: Number(percent) };
  if (/^maxconn:\d+$/.test(word)) return { ...words, known };
  switch (word) {
    case 'ready':
    case 'drain':
    case 'maint':
      return { ...words, known, order: word };
    case 'up':
      return { ...words, known, state: 'up' };
    case 'down':
    case 'fail':
    case 'failed':
    case 'stopped':
      return { ...words, known, state: 'down' };
    default:
      return { ...words, strange: word };
  }
}

/** Nothing has been learned about the server. */
function unknown(reason: string): CheckOutcome {
  return { up: false, reason: `agent: ${reason}`, inconclusive: true };
}

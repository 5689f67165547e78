import { commandWords } from '../config/command-words.ts';
import { endpointText, virtualKey } from '../config/keys.ts';
import type { VirtualServer } from '../config/model.ts';
import type { DaemonEvent } from './event.ts';
import type { Argv } from './run-command.ts';

/** A virtual server without any real server in service. */
interface Unserved {
  readonly virtual: VirtualServer;
  /** The fallbackcommand whose `start` has been run and whose `stop` is owed. */
  readonly started?: string;
}

/** Virtual servers that are not served, by `virtualKey`. */
export type FallbackState = ReadonlyMap<string, Unserved>;

/** One run of a fallbackcommand that is due. */
export interface FallbackRun {
  readonly virtualKey: string;
  readonly command: string;
  readonly verb: 'start' | 'stop';
  readonly argv: Argv;
}

/**
 * When the fallbackcommand is run:
 *
 * 1. `start` when a virtual server loses its last real server, or has none from the beginning.
 * 2. `stop` when it gets its first one back.
 * 3. Each once per transition; a reload is no transition, and neither is a restart that finds the
 *    table as it was left.
 * 4. A reload that changes the command, or drops the virtual server, ends the old one with `stop`;
 *    a new command begins with `start`.
 * 5. `stop` at the end of the daemon, but where cleanstop=no leaves the fallback in force.
 */
export function fallbackRuns(
  state: FallbackState,
  event: DaemonEvent,
): { readonly state: FallbackState; readonly runs: readonly FallbackRun[] } {
  switch (event.kind) {
    case 'pool': {
      const key = virtualKey(event.virtual.id);
      const known = state.get(key);
      if (event.served) return replace(state, key, undefined);
      if (known !== undefined) return { state, runs: [] };
      const { virtual, adopted } = event;
      // it was started by the daemon before us
      if (adopted) return { state: new Map(state).set(key, after(virtual)), runs: [] };
      return replace(state, key, virtual);
    }
    case 'config': {
      const virtuals = new Map(event.config.virtuals.map((v) => [virtualKey(v.id), v]));
      return all(state, (key) => virtuals.get(key));
    }
    case 'phase':
      if (event.phase !== 'stopped') return { state, runs: [] };
      return all(state, (_, { virtual }) => (virtual.cleanstop ? undefined : virtual));
    default:
      return { state, runs: [] };
  }
}

type Step = ReturnType<typeof fallbackRuns>;

function all(
  state: FallbackState,
  next: (key: string, known: Unserved) => VirtualServer | undefined,
): Step {
  let step: Step = { state, runs: [] };
  for (const [key, known] of state) {
    const { state: following, runs } = replace(step.state, key, next(key, known));
    step = { state: following, runs: [...step.runs, ...runs] };
  }
  return step;
}

/** Ends the command that is owed its `stop`, and starts the one of the virtual as it is now. */
function replace(state: FallbackState, key: string, virtual: VirtualServer | undefined): Step {
  const known = state.get(key);
  const following = new Map(state);
  if (virtual === undefined) following.delete(key);
  else following.set(key, after(virtual));
  const [old, fresh] = [known?.started, virtual?.fallbackCommand];
  if (old === fresh) return { state: following, runs: [] };
  const runs = [
    ...(known && old !== undefined ? [runOf(known.virtual, old, 'stop')] : []),
    ...(virtual && fresh !== undefined ? [runOf(virtual, fresh, 'start')] : []),
  ];
  return { state: following, runs };
}

function after(virtual: VirtualServer): Unserved {
  const { fallbackCommand } = virtual;
  return { virtual, ...(fallbackCommand !== undefined && { started: fallbackCommand }) };
}

/** `COMMAND start|stop VIP:VP PROTO`; of a firewall mark ldirectord tells only `:0 fwm`. */
function runOf({ id }: VirtualServer, command: string, verb: 'start' | 'stop'): FallbackRun {
  const place = 'fwmark' in id ? [':0', 'fwm'] : [endpointText(id), id.protocol];
  const argv = [...(commandWords(command) ?? []), verb, ...place];
  return { virtualKey: virtualKey(id), command, verb, argv };
}

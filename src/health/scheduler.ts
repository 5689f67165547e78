import type { CheckOutcome } from '../checks/check.ts';
import { deadlineMs, noAnswer } from '../checks/deadline.ts';
import { startsCommand } from '../checks/starts-command.ts';
import type { CheckDefinition } from '../config/check-model.ts';
import { messageOf } from '../config/system-error.ts';
import type { Clock, Timer } from './clock.ts';
import { firstStartMs, gridPointAfter, phaseMs } from './rhythm.ts';
import type { RunLimits } from './run-limits.ts';
import { RunQueue } from './run-queue.ts';
import { StallWatch } from './stall-watch.ts';

/** On a machine where every run is disturbed, a server that is down must go down all the same. */
const mostVoided = 3;

/** A check that is to be run again and again. */
export interface ProbeDefinition {
  readonly definition: CheckDefinition;
  /** From start to start; greater than 0. */
  readonly intervalMs: number;
  /** The first run comes somewhere within this time. */
  readonly warmupMs: number;
}

export interface ProbeResult {
  readonly outcome: CheckOutcome;
  readonly durationMs: number;
  /** When the result was known. */
  readonly at: Date;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly run: (
    definition: CheckDefinition,
    context: { readonly signal: AbortSignal },
  ) => Promise<CheckOutcome>;
  readonly onResult: (key: string, result: ProbeResult) => void;
  /** Told when the process did not run for a while, and how long. */
  readonly onStall?: (lostMs: number) => void;
  readonly limits: RunLimits;
  /** Told once of either kind of check when these have to wait for each other. */
  readonly onShortage?: (kind: keyof RunLimits) => void;
}

interface Probe {
  readonly key: string;
  readonly definition: CheckDefinition;
  intervalMs: number;
  readonly phaseMs: number;
  /** The start that `timer` waits for. */
  dueMs: number;
  timer: Timer;
  /** Its first start has come. */
  started: boolean;
  /** A start fell into the run before it; it is made up for as soon as that run ends. */
  overdue: boolean;
  /** Results thrown away in a row. */
  voided: number;
  lastRunMs: number | undefined;
}

interface Run {
  readonly probe: Probe;
  readonly startMs: number;
  readonly controller: AbortController;
  readonly deadline: Timer;
  /** The deadline has passed and the result was given; the check itself has not ended yet. */
  expired: boolean;
}

/**
 * Runs every probe at its interval, all of them side by side, each at most once at a time.
 *
 * 1. A new probe starts within moments, one every 2 ms; from its second run on it keeps to its own
 *    place in the interval, so that the load is even (rhythm.ts).
 * 2. Starts are a fixed interval apart, however long the runs take. A run longer than the interval
 *    makes the next one start right after it.
 * 3. A run without result at its deadline is aborted and counts as down. If it does not end even
 *    then, no second one is begun beside it, and each start that passes counts as down again.
 * 4. A bad result of a run that was under way while the process did not run (stall-watch.ts) is
 *    thrown away and the run is repeated at once, a few times in a row at most.
 * 5. A probe that is taken out is aborted; nothing more is heard of it.
 * 6. Where there is not room for all runs at once (run-queue.ts), a run waits for its turn; its time
 *    begins when that comes. Starts that fall into the waiting are not made up for.
 */
export class ProbeScheduler {
  readonly #stalls: StallWatch;
  readonly #options: SchedulerOptions;
  readonly #originMs: number;
  readonly #probes = new Map<string, Probe>();
  readonly #queues: Readonly<Record<keyof RunLimits, RunQueue<Probe>>>;
  /** Unsettled runs by key; may outlive their probe. */
  readonly #runs = new Map<string, Run>();
  #added = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#originMs = options.clock.now();
    this.#stalls = new StallWatch(options.clock, options.onStall ?? (() => undefined));
    this.#queues = { own: this.#queueOf('own'), commands: this.#queueOf('commands') };
  }

  /**
   * Makes `wanted` the set of probes. What was there before keeps its rhythm and its running check.
   *
   * @throws Error after `stop()`.
   */
  setProbes(wanted: ReadonlyMap<string, ProbeDefinition>): void {
    if (this.#stopped) throw new Error('scheduler: stopped, takes no more probes');
    this.#remove([...this.#probes.values()].filter(({ key }) => !wanted.has(key)));
    const fresh: [string, ProbeDefinition][] = [];
    for (const [key, wish] of wanted) {
      const probe = this.#probes.get(key);
      if (probe === undefined) fresh.push([key, wish]);
      else if (probe.intervalMs !== wish.intervalMs) this.#changeInterval(probe, wish.intervalMs);
    }
    fresh.forEach(([key, wish], i) => {
      const delayMs = firstStartMs(i, fresh.length, wish.intervalMs);
      this.#add(key, wish, delayMs + phaseMs(i, wish.warmupMs));
    });
  }

  /** Changes the rhythm of a probe from now on; one that is not there is passed over. */
  setInterval(key: string, intervalMs: number): void {
    const probe = this.#probes.get(key);
    if (probe !== undefined && probe.intervalMs !== intervalMs) {
      this.#changeInterval(probe, intervalMs);
    }
  }

  /**
   * Starts a probe now, because something has changed that it asks for. A run that is under way may
   * have asked before the change: another one follows as soon as it ends.
   */
  runAfresh(key: string): void {
    const probe = this.#probes.get(key);
    if (probe === undefined) return;
    if (this.#runs.has(key)) probe.overdue = true;
    else this.#start(probe);
  }

  /** Aborts everything; resolves when no check runs any more. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#stalls.stop();
    this.#remove([...this.#probes.values()]);
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#resolveIfIdle();
    });
  }

  #queueOf(kind: keyof RunLimits): RunQueue<Probe> {
    const { clock, limits, onShortage } = this.#options;
    return new RunQueue<Probe>({
      clock,
      atOnce: limits[kind],
      paced: kind === 'commands',
      launch: (probe) => this.#launch(probe),
      onShortage: () => onShortage?.(kind),
    });
  }

  #queue({ definition }: Probe): RunQueue<Probe> {
    return this.#queues[startsCommand(definition) ? 'commands' : 'own'];
  }

  #add(key: string, wish: ProbeDefinition, delayMs: number): void {
    const { clock } = this.#options;
    const probe: Probe = {
      key,
      definition: wish.definition,
      intervalMs: wish.intervalMs,
      phaseMs: phaseMs(this.#added++, wish.intervalMs),
      dueMs: clock.now() + delayMs,
      timer: clock.setTimer(() => this.#firstDue(probe), delayMs),
      started: false,
      overdue: false,
      voided: 0,
      lastRunMs: undefined,
    };
    this.#probes.set(key, probe);
  }

  #remove(probes: readonly Probe[]): void {
    for (const probe of probes) {
      probe.timer.cancel();
      this.#probes.delete(probe.key);
      const run = this.#runs.get(probe.key);
      run?.deadline.cancel();
      run?.controller.abort(new Error('check: no longer wanted'));
    }
    for (const queue of Object.values(this.#queues)) queue.leave(probes);
  }

  #changeInterval(probe: Probe, intervalMs: number): void {
    probe.intervalMs = intervalMs;
    if (!probe.started) return;
    probe.timer.cancel();
    const gridMs = this.#originMs + probe.phaseMs;
    this.#await(probe, gridPointAfter(this.#options.clock.now(), gridMs, intervalMs));
  }

  #firstDue(probe: Probe): void {
    this.#stalls.look();
    probe.started = true;
    const gridMs = this.#originMs + probe.phaseMs;
    this.#await(probe, gridPointAfter(probe.dueMs, gridMs, probe.intervalMs));
    this.#start(probe);
  }

  #due(probe: Probe): void {
    this.#stalls.look();
    // Counted from the planned start, not from now: a timer may be late or a little early, the
    // rhythm is not. Starts that were missed altogether (a stopped process) are not made up for.
    const lateMs = Math.max(0, this.#options.clock.now() - probe.dueMs);
    const steps = 1 + Math.floor(lateMs / probe.intervalMs);
    this.#await(probe, probe.dueMs + steps * probe.intervalMs);
    this.#start(probe);
  }

  #await(probe: Probe, dueMs: number): void {
    const { clock } = this.#options;
    probe.dueMs = dueMs;
    probe.timer = clock.setTimer(() => this.#due(probe), dueMs - clock.now());
  }

  #start(probe: Probe): void {
    const running = this.#runs.get(probe.key);
    if (running === undefined) this.#queue(probe).enter(probe);
    else this.#passOver(probe, running);
  }

  #launch(probe: Probe): void {
    probe.overdue = false;
    const { clock } = this.#options;
    const run: Run = {
      probe,
      startMs: clock.now(),
      controller: new AbortController(),
      deadline: clock.setTimer(() => this.#expire(run), deadlineMs(probe.definition)),
      expired: false,
    };
    this.#runs.set(probe.key, run);
    this.#stalls.start();
    void this.#follow(run);
  }

  /** A start that falls into a run. A run left over from a probe taken out has one start to end. */
  #passOver(probe: Probe, running: Run): void {
    const hangs = running.probe === probe ? running.expired : probe.overdue;
    probe.overdue = true;
    if (hangs) this.#report(probe, noAnswer(probe.definition), running.startMs);
  }

  /** A throw of `onResult` is a fault of the program and stays unhandled on purpose. */
  async #follow(run: Run): Promise<void> {
    const outcome = await this.#outcomeOf(run);
    const { probe } = run;
    run.deadline.cancel();
    this.#runs.delete(probe.key);
    this.#resolveIfIdle();
    if (!run.expired) this.#conclude(run, outcome);
    this.#queue(probe).leave([probe]);
    if (this.#runs.size === 0) this.#stalls.stop();
    // Not `probe`: it may have been taken out and put in again while this run was ending.
    const successor = this.#probes.get(probe.key);
    if (successor?.overdue) this.#start(successor);
  }

  async #outcomeOf(run: Run): Promise<CheckOutcome> {
    try {
      return await this.#options.run(run.probe.definition, { signal: run.controller.signal });
    } catch (error) {
      return { up: false, reason: messageOf(error) };
    }
  }

  #expire(run: Run): void {
    run.expired = true;
    const outcome = noAnswer(run.probe.definition);
    run.controller.abort(new Error(outcome.reason));
    this.#conclude(run, outcome);
    // aborted, it gives up what it has; if it does not end even so, others must not wait for it
    this.#queue(run.probe).leave([run.probe]);
  }

  #conclude({ probe, startMs }: Run, outcome: CheckOutcome): void {
    this.#stalls.look();
    const isVoid = !outcome.up && startMs < this.#stalls.endMs && probe.voided < mostVoided;
    probe.voided = isVoid ? probe.voided + 1 : 0;
    if (isVoid) {
      probe.overdue = true;
      return;
    }
    probe.lastRunMs = this.#options.clock.now() - startMs;
    this.#report(probe, outcome, startMs);
  }

  #report(probe: Probe, outcome: CheckOutcome, startMs: number): void {
    const { clock, onResult } = this.#options;
    if (this.#probes.get(probe.key) !== probe) return;
    onResult(probe.key, { outcome, durationMs: clock.now() - startMs, at: clock.wallTime() });
  }

  #resolveIfIdle(): void {
    if (!this.#stopped || this.#runs.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

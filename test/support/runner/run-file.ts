import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parseTestEvent, type TestEvent } from './test-event.ts';

export interface FileResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** What was wrong with the file as a whole; undefined when it ran to its end as it should. */
  readonly trouble: string | undefined;
  readonly durationMs: number;
  /** Everything that the file printed; empty when it was shown live. */
  readonly output: string;
}

export interface RunFileOptions {
  /** Turns the command into the one that runs it in a place of its own; identity if not given. */
  readonly wrap?: (argv: readonly string[]) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Show the output while it comes instead of returning it. */
  readonly live?: boolean;
}

const REPORTER = fileURLToPath(new URL('./event-reporter.js', import.meta.url));
const FAIL_ON_WARNING = new URL('./fail-on-warning.js', import.meta.url).href;

/** Runs one test file in a process of its own and says what came of it. Never rejects. */
export async function runFile(
  file: { readonly name: string; readonly path: string },
  options: RunFileOptions,
): Promise<FileResult> {
  const startedAt = performance.now();
  const [command = '', ...args] = (options.wrap ?? identity)(testCommand(file.path));
  const result = await execa(command, args, {
    stdio: ['ignore', options.live ? 'inherit' : 'pipe', options.live ? 'inherit' : 'pipe', 'pipe'],
    all: true,
    reject: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 32 * 1024 * 1024,
    env: { ...options.env },
  });
  const events = parseEvents(result.stdio[3]);
  const failed = events.filter((event) => event.kind === 'test' && event.outcome === 'failed');
  return {
    name: file.name,
    passed: events.filter((event) => event.kind === 'test' && event.outcome === 'passed').length,
    failed: failed.length,
    skipped: events.flatMap((event) =>
      event.kind === 'test' && event.outcome === 'skipped'
        ? [{ name: event.name, reason: event.reason ?? 'no reason given' }]
        : [],
    ),
    trouble: findTrouble(events, result, options.timeoutMs),
    durationMs: Math.round(performance.now() - startedAt),
    output: result.all ?? '',
  };
}

/** A file must report at least one test, come to its end, and leave with 0 if all of them passed. */
function findTrouble(
  events: readonly TestEvent[],
  result: {
    readonly timedOut: boolean;
    readonly exitCode?: number | undefined;
    readonly signal?: string | undefined;
    readonly shortMessage?: string | undefined;
  },
  timeoutMs: number,
): string | undefined {
  if (result.timedOut) {
    return `not done after ${timeoutMs / 1000} s, killed`;
  }
  if (result.exitCode === undefined) {
    return `ended by ${result.signal ?? result.shortMessage ?? 'an unknown cause'}`;
  }
  const tests = events.filter((event) => event.kind === 'test');
  if (tests.length === 0 && result.exitCode === 0) {
    return 'no test in it';
  }
  if (!events.some((event) => event.kind === 'end')) {
    return `exit code ${result.exitCode} before its tests came to their end`;
  }
  if (result.exitCode !== 0 && !tests.some((event) => event.outcome === 'failed')) {
    return `exit code ${result.exitCode} although no test failed`;
  }
  return undefined;
}

function testCommand(file: string): readonly string[] {
  return [
    process.execPath,
    `--import=${FAIL_ON_WARNING}`,
    '--enable-source-maps',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stderr',
    file,
  ];
}

function parseEvents(lines: unknown): readonly TestEvent[] {
  return typeof lines === 'string'
    ? lines.split('\n').flatMap((line) => parseTestEvent(line) ?? [])
    : [];
}

function identity(argv: readonly string[]): readonly string[] {
  return argv;
}

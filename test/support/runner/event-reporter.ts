import { writeSync } from 'node:fs';
import type { TestEvent as NodeTestEvent } from 'node:test/reporters';
import type { TestEvent } from './test-event.ts';

const EVENT_FD = 3;

/**
 * A node:test reporter that writes every finished test as a JSON line to file descriptor 3. Written
 * synchronously: what a test file managed to do before it died must not be lost. The last line,
 * `end`, tells a file that came to its end from one that left by process.exit.
 */
// biome-ignore lint/style/noDefaultExport: node:test takes a reporter as the default export.
export default async function* eventReporter(
  source: AsyncIterable<NodeTestEvent>,
): AsyncGenerator<string, void> {
  for await (const event of source) {
    const line = translate(event);
    if (line !== undefined) {
      write(line);
    }
  }
  write({ kind: 'end' });
  // node:test wants a generator, and what it yields goes to the reporter's destination: nothing.
  yield '';
}

function translate(event: NodeTestEvent): TestEvent | undefined {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') {
    return undefined;
  }
  const { name, details, skip, todo } = event.data;
  const mark = skip ?? todo;
  const isSkipped = mark !== undefined && mark !== false;
  // A suite counts only when it is the one that failed (a hook of it, say) or was skipped whole.
  if (details.type === 'suite' && event.type === 'test:pass' && !isSkipped) {
    return undefined;
  }
  if (event.type === 'test:fail' && failedByChildren(event.data.details.error)) {
    return undefined;
  }
  const outcome = isSkipped ? 'skipped' : event.type === 'test:pass' ? 'passed' : 'failed';
  return {
    kind: 'test',
    outcome,
    name,
    durationMs: details.duration_ms,
    ...(typeof mark === 'string' ? { reason: mark } : {}),
  };
}

/** Its children have been counted already. */
function failedByChildren(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

function write(event: TestEvent): void {
  writeSync(EVENT_FD, `${JSON.stringify(event)}\n`);
}

/** What a test process tells the runner, one JSON object a line on file descriptor 3. */
export type TestEvent =
  | {
      readonly kind: 'test';
      readonly outcome: 'passed' | 'failed' | 'skipped';
      readonly name: string;
      readonly durationMs: number;
      /** Why it was skipped, where the test says so. */
      readonly reason?: string;
    }
  | { readonly kind: 'end' };

/** Reads one line written by the event reporter; undefined when the line is not one. */
export function parseTestEvent(line: string): TestEvent | undefined {
  const value = parseJson(line);
  return isTestEvent(value) ? value : undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isTestEvent(value: unknown): value is TestEvent {
  if (typeof value !== 'object' || value === null || !('kind' in value)) {
    return false;
  }
  return value.kind === 'end' || (value.kind === 'test' && 'outcome' in value && 'name' in value);
}

import { type Logger, pino } from 'pino';

/** A log whose messages a test can read, each as `level message`. */
export function recordedLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line);
    lines.push(`${level} ${msg}`);
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  return { log: pino({ level: 'debug', formatters }, { write }), lines };
}

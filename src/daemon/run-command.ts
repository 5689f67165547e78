import type { RunCommand } from '../alerts/run-command.ts';
import { runChild } from '../checks/child.ts';

/** What a command gets to tidy up between SIGTERM and SIGKILL. */
const graceMs = 1000;

/**
 * Runs a command for an observer. What it prints goes nowhere, so that a service that it starts and
 * leaves behind cannot hold us by an open pipe.
 */
export const runCommand: RunCommand = async ([command = '', ...args], options) => {
  const { signal } = options;
  const end = await runChild({ ...options, command, args, output: 'ignore', graceMs });
  if (signal.aborted && end.kind === 'signal') {
    const why = signal.reason instanceof Error ? signal.reason.message : 'no more time';
    return `killed: ${why}`;
  }
  switch (end.kind) {
    case 'exit':
      return end.code === 0 ? undefined : `exit code ${end.code}`;
    case 'signal':
      return `killed by ${end.name}`;
    default:
      return end.message;
  }
};

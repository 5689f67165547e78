/** How many checks run side by side; others wait for their turn, and that is not their timeout. */
export interface RunLimits {
  /** Checks that this process makes itself, over sockets and files. */
  readonly own: number;
  /** Checks that start a command. */
  readonly commands: number;
}

/** Descriptors for all but checks: log, kernel, control socket and its 64 clients, watches, mails. */
const reserved = 128;
/** A check has two connections, or one beside that of the check before it, which is still closing. */
const eachRun = 2;
/** Enough for commands that wait, and what a machine bears of those that work. */
const mostCommands = 200;
/** There is no sense in going on with less. */
const fewest = 8;

/** @param openFiles how many descriptors the process may have; Infinity: any number. */
export function runLimits(openFiles: number): RunLimits {
  const all = (openFiles - reserved) / eachRun;
  const commands = Math.min(mostCommands, Math.floor(all / 4));
  return {
    own: Math.max(fewest, Math.floor(all - commands)),
    commands: Math.max(fewest, commands),
  };
}

import type { Operation, OperationOutcome } from '../ipvs-netlink/model.ts';
import { operationWords } from './ipvsadm-words.ts';

/**
 * `ipvsadm -R` does many commands in one process: on one that the kernel refuses it prints the
 * reason to stderr and goes on, at one that it cannot parse it stops; it never says which line it
 * speaks of. So every command is followed by a marker: a command that changes nothing and always
 * fails, with a sentence that the command before it cannot have given.
 *
 * The markers name a service and a server at the broadcast address. Should somebody have made that
 * service: -Z would zero its counters, and the kernel has no servers at that address to delete.
 */
const NOWHERE = '--sctp-service 255.255.255.255:65535';
const SERVICE_MARKER = {
  command: `-d ${NOWHERE} -r 255.255.255.255:65535`,
  answer: 'Service not defined',
};
const DESTINATION_MARKER = { command: `-Z ${NOWHERE}`, answer: 'No such service' };

/** Input that changes nothing, and the whole stderr that batches rely on. */
export const probe = {
  input: `${SERVICE_MARKER.command}\n${DESTINATION_MARKER.command}\n`,
  answer: `${SERVICE_MARKER.answer}\n${DESTINATION_MARKER.answer}`,
};

/** What to write to `ipvsadm -R` for these operations. */
export function batchInput(operations: readonly Operation[]): string {
  return operations
    .map((operation) => `${operationWords(operation).join(' ')}\n${markerOf(operation).command}\n`)
    .join('');
}

/**
 * What became of a batch.
 *
 * @param stderr all that ipvsadm printed there.
 * @returns outcomes of the operations up to the one at which ipvsadm stopped, which failed; of all
 *   when it did not stop. Those after it have not been tried.
 */
export function readBatch(
  operations: readonly Operation[],
  stderr: string,
): readonly OperationOutcome[] {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const outcomes: OperationOutcome[] = [];
  let at = 0;
  for (const operation of operations) {
    const { answer } = markerOf(operation);
    const isDone = lines[at] === answer;
    const isRefused = !isDone && lines[at + 1] === answer;
    if (isDone) outcomes.push({ operation });
    else outcomes.push({ operation, error: new Error(reason(lines[at])) });
    if (!isDone && !isRefused) break;
    at += isDone ? 1 : 2;
  }
  return outcomes;
}

function reason(line: string | undefined): string {
  return line === undefined ? 'ipvsadm ended before it' : `ipvsadm: ${line.trim()}`;
}

/** -E and -D of a service fail with "No such service"; all others never do. */
function markerOf({ kind }: Operation): typeof SERVICE_MARKER {
  return kind === 'edit-service' || kind === 'delete-service' ? SERVICE_MARKER : DESTINATION_MARKER;
}

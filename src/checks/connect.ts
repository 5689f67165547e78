import { connect } from 'node:net';
import type { ConnectCheck } from '../config/model.ts';
import type { CheckContext, CheckOutcome } from './check.ts';
import { closeGracefully } from './graceful-close.ts';
import { outcomeOfError } from './reason.ts';
import { tcpOptions } from './tcp-options.ts';

/**
 * Up when the server accepts a TCP connection. The connection then ends with FIN, never with RST:
 * MySQL counts a reset as an attack and blocks the address after a hundred. The result does not
 * wait for that end.
 */
export function checkConnect(
  definition: ConnectCheck,
  context: CheckContext,
): Promise<CheckOutcome> {
  const { signal } = context;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect(tcpOptions(definition.target));
    const giveUp = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp);
    const decide = (outcome: CheckOutcome): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(outcome);
    };
    socket.once('connect', () => {
      decide({ up: true, reason: 'connected' });
      closeGracefully(socket, signal);
    });
    socket.once('error', (error) => decide(outcomeOfError(error)));
  });
}

import { connect } from 'node:net';
import type { ConnectCheck } from '../config/model.ts';
import type { CheckContext, CheckOutcome } from './check.ts';
import { closeGracefully } from './graceful-close.ts';
import { sayGoodbyeToMysql } from './mysql-goodbye.ts';
import { outcomeOfError } from './reason.ts';
import { tcpOptions } from './tcp-options.ts';

/**
 * Up when the server accepts a TCP connection. The connection then ends with FIN, never with RST, and
 * at a MySQL server with a login, since that blocks addresses that leave without one. The result does
 * not wait for that end.
 */
export function checkConnect(
  definition: ConnectCheck,
  context: CheckContext,
): Promise<CheckOutcome> {
  const { signal } = context;
  const limitMs = definition.timeoutMs;
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
      if (definition.mysqlLogin === undefined) closeGracefully(socket, signal);
      else sayGoodbyeToMysql(socket, { login: definition.mysqlLogin, limitMs }, signal);
    });
    socket.once('error', (error) => decide(outcomeOfError(error)));
  });
}

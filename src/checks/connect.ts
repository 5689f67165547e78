import { connect, type Socket } from 'node:net';
import type { ConnectCheck } from '../config/check-model.ts';
import { type CheckContext, type CheckOutcome, withWarning } from './check.ts';
import { closeGracefully } from './graceful-close.ts';
import { sayGoodbyeToMysql } from './mysql-goodbye.ts';
import { outcomeOfError } from './reason.ts';
import { tcpOptions } from './tcp-options.ts';
import { certificateWarning, connectTls, explained } from './tls-connection.ts';

/**
 * Up when the server accepts a TCP connection and, with `tls`, the handshake succeeds. The connection then ends with FIN, never with RST, and
 * at a MySQL server with a login, since that blocks addresses that leave without one. The result does
 * not wait for that end.
 */
export function checkConnect(
  definition: ConnectCheck,
  context: CheckContext,
): Promise<CheckOutcome> {
  const { signal } = context;
  const { timeoutMs: limitMs, tls } = definition;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = begin(definition);
    const giveUp = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp);
    const decide = (outcome: CheckOutcome): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(outcome);
    };
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      const warning = tls && certificateWarning(socket, tls, new Date());
      decide(withWarning({ up: true, reason: 'connected' }, warning));
      if (definition.mysqlLogin === undefined) closeGracefully(socket, signal);
      else sayGoodbyeToMysql(socket, { login: definition.mysqlLogin, limitMs }, signal);
    });
    socket.once('error', (error) => decide(outcomeOfError(explained(error, socket))));
  });
}

function begin({ target, tls }: ConnectCheck): Socket {
  const to = tcpOptions(target);
  if (tls === undefined) return connect(to);
  return connectTls(to, { settings: tls, expectedName: target.address });
}

import { type Connection, createConnection } from 'mysql2';
import type { NegotiateCheck } from '../config/check-model.ts';
import type { Check } from './check.ts';
import { openClientSocket, untilAborted } from './client-socket.ts';
import { closeGracefully } from './graceful-close.ts';
import { outcomeOfRows, sqlQuery } from './sql-query.ts';

/**
 * The check of mysql (MySQL and MariaDB): logs in, runs the query once, and is up when it gives at
 * least one row. Without TLS, as the original. Ends with COM_QUIT, so that the server counts no
 * aborted connection.
 */
export const checkMysql: Check<NegotiateCheck> = async (definition, { signal }) => {
  const query = sqlQuery(definition);
  if (query.kind === 'missing') return query.outcome;
  const socket = openClientSocket(definition.target, signal);
  const connection = createConnection({
    stream: socket,
    user: definition.login,
    password: definition.passwd,
    database: definition.database,
    // The deadline of the check is the only one; 0 is none.
    connectTimeout: 0,
    rowsAsArray: true,
  });
  // What no command is waiting for; without a listener it would end the process.
  connection.on('error', () => {});
  try {
    const asked = loggedIn(connection).then(() => countRows(connection, query.sql));
    const rows = await untilAborted(asked, signal);
    await quitSent(connection);
    return outcomeOfRows(rows);
  } finally {
    closeGracefully(socket, signal);
  }
};

function loggedIn(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
}

/** Counts rows as they come and keeps none; of a statement without result the changed ones. */
function countRows(connection: Connection, sql: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    const query = connection.query(sql);
    query.on('result', (result: unknown) => {
      rows += Array.isArray(result) ? 1 : affectedRows(result);
    });
    query.on('error', reject);
    query.on('end', () => resolve(rows));
  });
}

function affectedRows(result: unknown): number {
  if (typeof result !== 'object' || result === null || !('affectedRows' in result)) return 0;
  return typeof result.affectedRows === 'number' ? result.affectedRows : 0;
}

function quitSent(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    connection.end(() => resolve());
  });
}

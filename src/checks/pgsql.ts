import type { Socket } from 'node:net';
import pg from 'pg';
import type { NegotiateCheck } from '../config/check-model.ts';
import type { Check } from './check.ts';
import { untilAborted } from './client-socket.ts';
import { closeGracefully } from './graceful-close.ts';
import { openPgSocket } from './pgsql-socket.ts';
import { outcomeOfRows, sqlQuery } from './sql-query.ts';

/**
 * The check of pgsql: logs in, runs the query once, and is up when it gives at least one row.
 * Over TLS where the server offers it (pgsql-socket.ts). Ends with Terminate.
 */
export const checkPgsql: Check<NegotiateCheck> = async (definition, { signal }) => {
  const query = sqlQuery(definition);
  if (query.kind === 'missing') return query.outcome;
  const socket = await openPgSocket(definition.target, signal);
  try {
    const client = new pg.Client({
      stream: () => asUnconnected(socket),
      ssl: false,
      host: definition.target.address,
      port: definition.target.port,
      user: definition.login,
      password: definition.passwd,
      // As libpq has it: the database of the user's name, unless told otherwise.
      database: definition.database || definition.login,
      application_name: 'ipvsd',
    });
    // What no query is waiting for; without a listener it would end the process.
    client.on('error', () => {});
    const asked = client.connect().then(() => countRows(client, query.sql));
    const rows = await untilAborted(asked, signal);
    void client.end().catch(() => {});
    return outcomeOfRows(rows);
  } finally {
    closeGracefully(socket, signal);
  }
};

/** pg connects its stream itself and waits for the event; this one is connected already. */
function asUnconnected<S extends Socket>(socket: S): S {
  return Object.assign(socket, {
    connect: () => {
      process.nextTick(() => socket.emit('connect'));
      return socket;
    },
  });
}

/** Counts rows as they come and keeps none; of a statement without result the changed ones. */
function countRows(client: pg.Client, sql: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    const query = client.query(new pg.Query(sql));
    // With a listener, pg keeps no rows of its own.
    query.on('row', () => {
      rows += 1;
    });
    query.on('error', reject);
    query.on('end', (results: unknown) => {
      resolve(rows > 0 ? rows : changedRows(results));
    });
  });
}

/** One result, or a list of them when the text has more than one statement. */
function changedRows(results: unknown): number {
  if (Array.isArray(results)) return results.reduce((sum, one) => sum + changedRows(one), 0);
  if (typeof results !== 'object' || results === null || !('rowCount' in results)) return 0;
  return typeof results.rowCount === 'number' ? results.rowCount : 0;
}

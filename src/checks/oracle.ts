import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import oracledb from 'oracledb';
import type { NegotiateCheck } from '../config/check-model.ts';
import { messageOf } from '../config/system-error.ts';
import type { Check } from './check.ts';
import { destroyLater, tame, untilAborted } from './client-socket.ts';
import { outcomeOfRows, sqlQuery } from './sql-query.ts';

/** Takes each socket that the check opens which is running. */
const running = new AsyncLocalStorage<(socket: Socket) => void>();

// oracledb offers no way to cut a connection that is still coming about, so that its sockets are
// caught where Node announces them (Node manual, diagnostics_channel, "net.client.socket").
subscribe('net.client.socket', (message) => {
  const take = running.getStore();
  if (take === undefined || typeof message !== 'object' || message === null) return;
  if ('socket' in message && message.socket instanceof Socket) take(message.socket);
});

/**
 * The check of oracle, by oracledb's thin mode, which needs no Oracle software: logs in to the SID
 * that `database` names, runs the query once, and is up when it gives at least one row.
 */
export const checkOracle: Check<NegotiateCheck> = async (definition, { signal }) => {
  const query = sqlQuery(definition);
  if (query.kind === 'missing') return query.outcome;
  signal.throwIfAborted();
  const sockets: Socket[] = [];
  const take = (socket: Socket): void => {
    sockets.push(tame(socket, signal));
  };
  try {
    const asked = running.run(take, () => countRows(definition, query.sql));
    return outcomeOfRows(await untilAborted(asked, signal));
  } catch (error) {
    throw sockets.find(({ errored }) => errored)?.errored ?? plainError(error);
  } finally {
    for (const socket of sockets) destroyLater(socket);
  }
};

async function countRows(definition: NegotiateCheck, sql: string): Promise<number> {
  const connection = await oracledb.getConnection({
    user: definition.login,
    password: definition.passwd,
    connectString: connectDescriptor(definition),
  });
  try {
    const one = { maxRows: 1, fetchArraySize: 1, prefetchRows: 1, autoCommit: true };
    const { rows, rowsAffected } = await connection.execute(sql, [], one);
    return rows?.length ?? rowsAffected ?? 0;
  } finally {
    // Its goodbye need not be waited for.
    void connection.close().catch(() => {});
  }
}

/** Oracle Net Services Reference, "Local Naming Parameters". */
function connectDescriptor({ target, database, timeoutMs }: NegotiateCheck): string {
  if (/[()=\s"']/.test(database)) {
    throw new Error(`database: expected the SID of an Oracle instance, got "${database}"`);
  }
  const timeoutS = timeoutMs / 1000;
  const timeouts = `(CONNECT_TIMEOUT=${timeoutS})(TRANSPORT_CONNECT_TIMEOUT=${timeoutS})`;
  const address = `(ADDRESS=(PROTOCOL=TCP)(HOST=${target.address})(PORT=${target.port}))`;
  return `(DESCRIPTION=${timeouts}(RETRY_COUNT=0)${address}(CONNECT_DATA=(SID=${database})))`;
}

/** Without the number of the attempt, which would make every reason a new one. */
function plainError(error: unknown): Error {
  const message = messageOf(error);
  return new Error(message.replace(/ *\(CONNECTION_ID=[^)]*\)/g, ''));
}

import type { NegotiateCheck } from '../config/check-model.ts';
import type { CheckOutcome } from './check.ts';

/** What a check of a database needs to be told; without it no server is asked. */
export type SqlQuery =
  | { readonly kind: 'query'; readonly sql: string }
  | { readonly kind: 'missing'; readonly outcome: CheckOutcome };

/**
 * The query of a check: its request without the leading "/". As in ldirectord, a check without
 * login or without request is always down; the reason says so.
 */
export function sqlQuery({ service, request, login }: NegotiateCheck): SqlQuery {
  const sql = request.replace(/^\//, '');
  if (login === '') return missing(`${service} needs "login", it is not set`);
  if (sql.trim() === '')
    return missing(`${service} needs an SQL query as "request", it is not set`);
  return { kind: 'query', sql };
}

/** Up when the query gave, or changed, at least one row. */
export function outcomeOfRows(rows: number): CheckOutcome {
  if (rows === 0) return { up: false, reason: 'the query gave no row' };
  return { up: true, reason: rows === 1 ? '1 row' : `${rows} rows` };
}

function missing(reason: string): SqlQuery {
  return { kind: 'missing', outcome: { up: false, reason } };
}

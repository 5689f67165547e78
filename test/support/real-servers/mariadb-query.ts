import { createConnection } from 'mysql2/promise';
import type { mariadbAuditor } from './mariadb.ts';
import { mariadbPort } from './mariadb.ts';

/** Asks mariadb something on a connection of its own; rows by name of column. */
export async function queryMariadb(
  { login, passwd, database }: typeof mariadbAuditor,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port: mariadbPort,
    user: login,
    password: passwd,
    database,
  });
  try {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? rows.map((row) => Object.fromEntries(Object.entries(row))) : [];
  } finally {
    await connection.end();
  }
}

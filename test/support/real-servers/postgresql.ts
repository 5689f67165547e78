import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { tlsFixture } from '../tls-identity.ts';
import { type RealServer, startRealServer } from './real-server.ts';

/** The first lets nobody in without TLS, the second knows no TLS. */
export const postgresqlPorts = { tls: 5432, plain: 5433 } as const;

/** The one user; the database has a table `full_one` of two rows and an empty one, `empty_one`. */
export const postgresqlLogin = { login: 'check', passwd: 'secret', database: 'postgres' } as const;

/** It refuses to run as root. */
const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];

export interface PostgresqlOptions {
  readonly tls: boolean;
}

/** Starts postgres at 127.0.0.1 and ::1, with a new cluster below the directory. */
export async function startPostgresql(
  directory: string,
  { tls }: PostgresqlOptions,
): Promise<RealServer> {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o777);
  const data = path.join(directory, 'data');
  const password = path.join(directory, 'password');
  writeFileSync(password, `${postgresqlLogin.passwd}\n`);
  const user = `--username=${postgresqlLogin.login}`;
  const init = ['--no-sync', '--auth=scram-sha-256', user, `--pwfile=${password}`, '-D', data];
  await asUser([program('initdb'), ...init], '');
  await asUser(
    [program('postgres'), '--single', '-F', '-D', data, postgresqlLogin.database],
    initialSql(),
  );
  if (tls) await copyIdentity(data);
  const access = tls ? 'hostssl' : 'host';
  writeFileSync(path.join(data, 'pg_hba.conf'), `${access} all all all scram-sha-256\n`);
  const port = tls ? postgresqlPorts.tls : postgresqlPorts.plain;
  return startRealServer({
    argv: [
      ...[...asPostgres, program('postgres'), '-F', '-D', data, '-p', String(port)],
      ...settings({
        listen_addresses: '127.0.0.1,::1',
        unix_socket_directories: '',
        ssl: tls ? 'on' : 'off',
        shared_buffers: '1MB',
        max_connections: '20',
        autovacuum: 'off',
      }),
    ],
    ports: [
      { address: '127.0.0.1', port },
      { address: '::1', port },
    ],
  });
}

function initialSql(): string {
  return [
    'CREATE TABLE full_one (id int);',
    'INSERT INTO full_one VALUES (1), (2);',
    'CREATE TABLE empty_one (id int);',
    '',
  ].join('\n');
}

function settings(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function asUser(command: readonly string[], input: string): Promise<void> {
  const [first = '', ...rest] = [...asPostgres, ...command];
  await execa(first, rest, { input, cwd: '/', env: { LC_ALL: 'C.UTF-8' } });
}

/** It wants a key that nobody else can read. */
async function copyIdentity(data: string): Promise<void> {
  for (const [from, to] of [
    ['self-signed.pem', 'server.crt'],
    ['self-signed.key', 'server.key'],
  ] as const) {
    const owner = ['-o', 'postgres', '-g', 'postgres', '-m', '600'];
    await execa('install', [...owner, tlsFixture(from), path.join(data, to)]);
  }
}

/** Debian keeps the programs of each version in a directory of its own, outside of PATH. */
function program(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted().toReversed() : [];
  const directory = versions.map((version) => path.join(root, version, 'bin'));
  return directory.map((bin) => path.join(bin, name)).find((file) => existsSync(file)) ?? name;
}

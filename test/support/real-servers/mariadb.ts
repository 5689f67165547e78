import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { type RealServer, startRealServer } from './real-server.ts';

export const mariadbPort = 3306;

/** The one user; its database `shop` has a table `full` of two rows and a table `empty`. */
export const mariadbLogin = { login: 'check', passwd: 'secret', database: 'shop' } as const;

/** After how many failed connections it blocks an address (max_connect_errors). */
export const mariadbPatience = 5;

/** Another user, who may look at what the server counts. */
export const mariadbAuditor = { login: 'auditor', passwd: 'other', database: 'mysql' } as const;

/** Starts mariadbd at all addresses, with new tables below the directory. */
export async function startMariadb(directory: string): Promise<RealServer> {
  mkdirSync(directory, { recursive: true });
  const data = path.join(directory, 'data');
  const init = path.join(directory, 'init.sql');
  writeFileSync(init, initialSql());
  // For tests that ask for it: everything in memory, nothing safe.
  const lean = [
    '--innodb-buffer-pool-size=6M',
    // By default it reserves addresses for terabytes, of which User-Mode Linux has none.
    '--loose-innodb-buffer-pool-size-max=8M',
    '--innodb-log-file-size=4M',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-flush-method=nosync',
    '--key-buffer-size=64K',
    '--aria-pagecache-buffer-size=1M',
  ];
  const common = ['--no-defaults', '--user=root', `--datadir=${data}`, ...lean];
  await execa('mariadb-install-db', [
    ...common,
    '--auth-root-authentication-method=normal',
    '--skip-name-resolve',
    '--skip-test-db',
  ]);
  return startRealServer({
    argv: [
      'mariadbd',
      ...common,
      `--socket=${directory}/socket`,
      `--pid-file=${directory}/pid`,
      '--bind-address=*',
      `--port=${mariadbPort}`,
      '--performance-schema=ON',
      `--max-connect-errors=${mariadbPatience}`,
      `--init-file=${init}`,
    ],
    ports: [
      { address: '127.0.0.1', port: mariadbPort },
      { address: '::1', port: mariadbPort },
    ],
  });
}

function initialSql(): string {
  return [
    'CREATE DATABASE shop;',
    'CREATE TABLE shop.full (id INT);',
    'INSERT INTO shop.full VALUES (1), (2);',
    'CREATE TABLE shop.empty (id INT);',
    `CREATE USER '${mariadbLogin.login}'@'%' IDENTIFIED BY '${mariadbLogin.passwd}';`,
    `GRANT ALL ON shop.* TO '${mariadbLogin.login}'@'%';`,
    `CREATE USER '${mariadbAuditor.login}'@'%' IDENTIFIED BY '${mariadbAuditor.passwd}';`,
    `GRANT ALL ON *.* TO '${mariadbAuditor.login}'@'%';`,
    '',
  ].join('\n');
}

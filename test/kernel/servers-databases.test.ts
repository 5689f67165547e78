import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { runCheck } from '../../src/checks/registry.ts';
import type { ConnectCheck, NegotiateCheck } from '../../src/config/check-model.ts';
import { parseConfig } from '../../src/config/load.ts';
import { besiege, checkOf, run } from '../support/real-servers/check.ts';
import {
  mariadbAuditor,
  mariadbLogin,
  mariadbPatience,
  mariadbPort,
  startMariadb,
} from '../support/real-servers/mariadb.ts';
import { queryMariadb } from '../support/real-servers/mariadb-query.ts';
import {
  postgresqlLogin,
  postgresqlPorts,
  startPostgresql,
} from '../support/real-servers/postgresql.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';

const addresses = ['127.0.0.1', '::1'];
const directory = sharedDirectory('servers-databases');
const refused = { up: false, reason: 'connection refused' };
/** Long enough for other checks meanwhile, in a kernel where everything takes its time. */
const silentMs = 1500;
const noAnswer = { up: false, reason: `no answer within ${silentMs} ms` };

let mariadb: RealServer;
const mysql = (address: string, changes: Partial<NegotiateCheck> = {}): NegotiateCheck =>
  checkOf('mysql', { address, port: mariadbPort }, { ...mariadbLogin, ...changes });

let postgresql: RealServer;
let plainPostgresql: RealServer;
const pgsql = (address: string, changes: Partial<NegotiateCheck> = {}): NegotiateCheck =>
  checkOf(
    'pgsql',
    { address, port: postgresqlPorts.tls },
    { ...postgresqlLogin, request: '/SELECT * FROM full_one', ...changes },
  );

before(async () => {
  mariadb = await startMariadb(path.join(directory, 'mariadb'));
  postgresql = await startPostgresql(path.join(directory, 'postgresql'), { tls: true });
  plainPostgresql = await startPostgresql(path.join(directory, 'plain'), { tls: false });
});
after(async () => {
  for (const server of [mariadb, postgresql, plainPostgresql]) await server?.stop();
});

describe('mariadb, asked by mysql', () => {
  for (const address of addresses) {
    it(`is up at ${address} when the query gives rows`, async () => {
      const outcome = await run(mysql(address, { request: '/SELECT * FROM full' }));
      assert.deepEqual(outcome, { up: true, reason: '2 rows' });
    });
  }

  it('is down when the query gives none', async () => {
    const outcome = await run(mysql('127.0.0.1', { request: '/SELECT * FROM empty' }));
    assert.deepEqual(outcome, { up: false, reason: 'the query gave no row' });
  });

  it('runs the query once, and takes changed rows for rows', async () => {
    const outcome = await run(mysql('::1', { request: '/INSERT INTO empty VALUES (7)' }));
    assert.deepEqual(outcome, { up: true, reason: '1 row' });
    const [row] = await queryMariadb(mariadbAuditor, 'SELECT COUNT(*) AS n FROM shop.empty');
    assert.deepEqual(row, { n: 1 });
    await queryMariadb(mariadbAuditor, 'DELETE FROM shop.empty');
  });

  it('is down with a wrong login, database or query', async () => {
    for (const [changes, reason] of [
      [{ passwd: 'wrong' }, /^Access denied for user 'check'@/],
      [{ login: 'nobody' }, /^Access denied for user 'nobody'@/],
      [{ database: 'nowhere' }, /^Access denied for user .* to database 'nowhere'/],
      [{ request: '/SELECT * FROM nothing' }, /^Table 'shop\.nothing' doesn't exist/],
      [{ request: '/SELEKT 1' }, /^You have an error in your SQL syntax/],
    ] as const) {
      const outcome = await run(mysql('127.0.0.1', { request: '/SELECT 1', ...changes }));
      assert.match(outcome.reason, reason);
      assert.equal(outcome.up, false);
    }
  });

  it('sees each check end in good order', async () => {
    const aborted = async () =>
      await queryMariadb(mariadbAuditor, "SHOW GLOBAL STATUS LIKE 'Aborted_c%'");
    const before = await aborted();
    for (let i = 0; i < 5; i++) await run(mysql('127.0.0.1', { request: '/SELECT 1' }));
    assert.deepEqual(await aborted(), before);
  });

  it('is down at the deadline while it is frozen, and the checks of postgresql go on', async () => {
    mariadb.freeze();
    try {
      const query = { request: '/SELECT 1', timeoutMs: silentMs };
      const { silent, others } = await besiege(mysql('127.0.0.1', query), pgsql('::1'));
      assert.deepEqual(silent, noAnswer);
      assert.notEqual(others.length, 0);
      for (const { up, reason } of others) assert.equal(up, true, reason);
    } finally {
      mariadb.thaw();
    }
    assert.equal((await run(mysql('::1', { request: '/SELECT 1' }))).up, true);
  });

  it('is down at the deadline when the query takes too long', async () => {
    const slow = mysql('127.0.0.1', { request: '/SELECT SLEEP(60)', timeoutMs: silentMs });
    assert.deepEqual(await run(slow), noAnswer);
  });
});

describe('the connection errors that mariadb counts', () => {
  const times = 4 * mariadbPatience;
  /** Of 127.0.0.1 and ::1 it counts none. */
  const meet = async (address: string): Promise<void> => {
    await execa('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo']);
    // It looks up the name of who comes, and counts nothing against one that looks like an address.
    const name = `director${address.split('.').at(-1)}.ipvsd.internal`;
    appendFileSync('/etc/hosts', `${address} ${name}\n`);
    // One good login, so that it knows the address.
    assert.equal((await run(mysql(address, { request: '/SELECT 1' }))).up, true);
  };
  /** What it holds against an address; after `max_connect_errors` it is blocked. */
  const errors = async (address: string): Promise<unknown> => {
    const counted = 'SUM_CONNECT_ERRORS AS errors, COUNT_HOST_BLOCKED_ERRORS AS blocked';
    const sql = `SELECT ${counted} FROM performance_schema.host_cache WHERE ip = '${address}'`;
    return (await queryMariadb(mariadbAuditor, sql))[0];
  };
  const connectOften = async (definition: ConnectCheck): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const outcome = await runCheck(definition, { signal: AbortSignal.timeout(20_000) });
      assert.deepEqual(outcome, { up: true, reason: 'connected' });
    }
    // The connections end behind the results.
    await sleep(1000);
  };
  const seen = async (): Promise<number> => {
    const [row] = await queryMariadb(mariadbAuditor, "SHOW GLOBAL STATUS LIKE 'Connections'");
    return Number(row?.['Value']);
  };

  it('do not grow by connect checks of a mysql service, known by its port', async () => {
    const address = '10.9.0.2';
    await meet(address);
    const before = await seen();
    await connectOften(await connectCheckOf(`real=${address}:${mariadbPort} masq`));
    assert.ok((await seen()) - before >= times);
    assert.deepEqual(await errors(address), { errors: 0, blocked: 0 });
    assert.equal((await run(mysql(address, { request: '/SELECT 1' }))).up, true);
  });

  it('do not grow by a login without password either, which it does not even log', async () => {
    const address = '10.9.0.3';
    await meet(address);
    await queryMariadb(mariadbAuditor, "CREATE USER 'monitor'@'%'");
    const logged = mariadb.output();
    const definition = await connectCheckOf(
      `real=${address}:${mariadbPort} masq`,
      'login="monitor"',
    );
    await connectOften(definition);
    assert.deepEqual(await errors(address), { errors: 0, blocked: 0 });
    assert.equal(mariadb.output(), logged);
  });

  it('grow by connections without a login, until the address is blocked', async () => {
    const address = '10.9.0.4';
    await meet(address);
    const { mysqlLogin: _, ...plain } = await connectCheckOf(`real=${address}:${mariadbPort} masq`);
    await connectOften(plain);
    const { up, reason } = await run(mysql(address, { request: '/SELECT 1' }));
    assert.match(reason, /is blocked because of many connection errors/);
    assert.equal(up, false);
  });
});

/** The connect check of a virtual server at the port of mysql. */
async function connectCheckOf(...lines: readonly string[]): Promise<ConnectCheck> {
  const section = ['virtual=10.9.0.30:3306', 'checktype=connect', 'checktimeout=20', ...lines];
  const { config } = await parseConfig(`${section.join('\n\t')}\n`, 'mysql.cf');
  const check = config?.virtuals[0]?.reals[0]?.checks[0]?.definition;
  assert.equal(check?.type, 'connect');
  return check;
}

describe('postgresql, asked by pgsql', () => {
  for (const address of addresses) {
    it(`is up at ${address} when the query gives rows`, async () => {
      assert.deepEqual(await run(pgsql(address)), { up: true, reason: '2 rows' });
    });

    it(`is up at ${address} without TLS where there is none`, async () => {
      const target = { address, port: postgresqlPorts.plain };
      const query = { ...postgresqlLogin, request: '/SELECT 1' };
      const outcome = await run(checkOf('pgsql', target, query));
      assert.deepEqual(outcome, { up: true, reason: '1 row' });
    });
  }

  it('is down when the query gives none, and takes changed rows for rows', async () => {
    const empty = await run(pgsql('::1', { request: '/SELECT * FROM empty_one' }));
    assert.deepEqual(empty, { up: false, reason: 'the query gave no row' });
    const insert = '/INSERT INTO full_one VALUES (3)';
    assert.deepEqual(await run(pgsql('::1', { request: insert })), { up: true, reason: '1 row' });
    assert.deepEqual(await run(pgsql('::1')), { up: true, reason: '3 rows' });
  });

  it('is down with a wrong login, database or query', async () => {
    for (const [changes, reason] of [
      [{ passwd: 'wrong' }, 'password authentication failed for user "check"'],
      [{ login: 'nobody' }, 'password authentication failed for user "nobody"'],
      [{ database: '' }, 'database "check" does not exist'],
      [{ request: '/SELECT * FROM nothing' }, 'relation "nothing" does not exist'],
    ] as const) {
      const outcome = await run(pgsql('127.0.0.1', changes));
      assert.deepEqual(outcome, { up: false, reason });
    }
  });

  it('is down at the deadline while it is frozen or busy, and up after', async () => {
    postgresql.freeze();
    const frozen = addresses.map((address) => run(pgsql(address, { timeoutMs: silentMs })));
    for (const outcome of await Promise.all(frozen)) assert.deepEqual(outcome, noAnswer);
    postgresql.thaw();
    const slow = { request: '/SELECT pg_sleep(60)', timeoutMs: silentMs };
    assert.deepEqual(await run(pgsql('127.0.0.1', slow)), noAnswer);
    assert.equal((await run(pgsql('::1'))).up, true);
  });
});

describe('databases that were stopped', () => {
  it('are down', async () => {
    await mariadb.stop();
    await postgresql.stop();
    for (const address of addresses) {
      assert.deepEqual(await run(mysql(address, { request: '/SELECT 1' })), refused);
      assert.deepEqual(await run(pgsql(address)), refused);
    }
  });
});

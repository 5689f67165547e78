import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import { besiege, checkOf, run } from '../support/real-servers/check.ts';
import {
  type Dovecot,
  dovecotPorts,
  dovecotUsers,
  selfSignedAddress,
  startDovecot,
} from '../support/real-servers/dovecot.ts';
import { eximPorts, startExim } from '../support/real-servers/exim.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';
import { trustTestAuthority } from '../support/tls-identity.ts';
import { waitUntil } from '../support/wait-until.ts';

trustTestAuthority();

const addresses = ['127.0.0.1', '::1'];
const directory = sharedDirectory('servers-mail');
const refused = { up: false, reason: 'connection refused' };
/** Long enough for other checks meanwhile, in a kernel where everything takes its time. */
const silentMs = 1500;
const noAnswer = { up: false, reason: `no answer within ${silentMs} ms` };

describe('exim, asked by smtp and submission', () => {
  let exim: RealServer;
  before(async () => {
    exim = await startExim(path.join(directory, 'exim'));
  });
  after(() => exim.stop());

  for (const address of addresses) {
    for (const service of ['smtp', 'submission'] as const) {
      it(`is up at ${address} for ${service}`, async () => {
        const outcome = await run(checkOf(service, { address, port: eximPorts[service] }));
        assert.match(outcome.reason, /^220 mail\.example\.com ESMTP Exim/);
        assert.equal(outcome.up, true);
      });
    }
  }

  it('is down where it refuses the connection, or EHLO and HELO', async () => {
    for (const [port, reason] of [
      [eximPorts.refuses, '550 no service here'],
      [eximPorts.refusesHello, '550 not for you'],
    ] as const) {
      const outcome = await run(checkOf('smtp', { address: '127.0.0.1', port }));
      assert.deepEqual(outcome, { up: false, reason });
    }
  });

  it('is down at the deadline while it is frozen, and up after', async () => {
    const smtp = checkOf('smtp', { address: '::1', port: eximPorts.smtp });
    exim.freeze();
    assert.deepEqual(await run({ ...smtp, timeoutMs: silentMs }), noAnswer);
    exim.thaw();
    assert.equal((await run(smtp)).up, true);
  });

  it('is down when it was stopped', async () => {
    await exim.stop();
    for (const address of addresses) {
      const { smtp, submission } = eximPorts;
      assert.deepEqual(await run(checkOf('smtp', { address, port: smtp })), refused);
      assert.deepEqual(await run(checkOf('submission', { address, port: submission })), refused);
    }
  });
});

describe('dovecot, asked by imap, imaps, pop and pops', () => {
  let dovecot: Dovecot;
  const services = ['imap', 'imaps', 'pop', 'pops'] as const;
  const at = (
    service: (typeof services)[number],
    address: string,
    changes: Partial<NegotiateCheck> = {},
  ): NegotiateCheck => checkOf(service, { address, port: dovecotPorts[service] }, changes);

  before(async () => {
    dovecot = await startDovecot(path.join(directory, 'dovecot'));
  });
  after(() => dovecot.stop());

  for (const service of services) {
    for (const address of addresses) {
      it(`is up at ${address} for ${service}, with and without a login`, async () => {
        const login = { login: 'joe', passwd: dovecotUsers.joe };
        for (const changes of [{}, login]) {
          const outcome = await run(at(service, address, changes));
          assert.match(outcome.reason, /^(\* OK \[CAPABILITY .*|\+OK) .*Dovecot/);
          assert.equal(outcome.up, true);
        }
      });
    }

    it(`is down for ${service} with a wrong password or user`, async () => {
      for (const login of ['joe', 'nobody']) {
        const outcome = await run(at(service, '127.0.0.1', { login, passwd: 'wrong' }));
        assert.match(outcome.reason, /^login refused: .*Authentication failed/);
        assert.equal(outcome.up, false);
      }
    });
  }

  it('takes a login over imap that is not ASCII, as a literal', async () => {
    const login = { login: 'crypt', passwd: dovecotUsers.crypt };
    assert.equal((await run(at('imap', '::1', login))).up, true);
    const wrong = { ...login, passwd: `${login.passwd}!` };
    assert.equal((await run(at('imap', '::1', wrong))).up, false);
  });

  it('is logged in to by the best way that the password allows', async () => {
    for (const [login, passwd] of Object.entries(dovecotUsers)) {
      assert.equal((await run(at('pop', '127.0.0.1', { login, passwd }))).up, true);
    }
    for (const [login, method] of [
      ['joe', 'APOP'],
      ['cram', 'CRAM-MD5'],
      ['crypt', 'PLAIN'],
    ]) {
      const found = new RegExp(`pop3-login: Info: Login: user=<${login}>, method=${method}`);
      await waitUntil(`${login} in the log`, 60_000, () => found.test(dovecot.log()));
    }
  });

  it('is down over TLS where its certificate is self-signed', async () => {
    for (const service of ['imaps', 'pops'] as const) {
      const reason = 'certificate not trusted: self-signed certificate';
      assert.deepEqual(await run(at(service, selfSignedAddress)), { up: false, reason });
    }
  });

  it('is down at the deadline while it is frozen, and up after', async () => {
    dovecot.freeze();
    const outcomes = services.map((service) =>
      run(at(service, '127.0.0.1', { timeoutMs: silentMs })),
    );
    for (const outcome of await Promise.all(outcomes)) assert.deepEqual(outcome, noAnswer);
    dovecot.thaw();
    for (const service of services) assert.equal((await run(at(service, '::1'))).up, true);
  });

  it('is down while it is frozen, and the checks of exim go on', async () => {
    const exim = await startExim(path.join(directory, 'exim'));
    dovecot.freeze();
    try {
      const smtp = checkOf('smtp', { address: '127.0.0.1', port: eximPorts.smtp });
      const login = { login: 'joe', passwd: 'x', timeoutMs: silentMs };
      const { silent, others } = await besiege(at('pop', '127.0.0.1', login), smtp);
      assert.deepEqual(silent, noAnswer);
      assert.notEqual(others.length, 0);
      for (const { up, reason } of others) assert.equal(up, true, reason);
    } finally {
      dovecot.thaw();
      await exim.stop();
    }
  });

  it('is down when it was stopped, with and without a login', async () => {
    await dovecot.stop();
    for (const service of services) {
      for (const address of addresses) {
        assert.deepEqual(await run(at(service, address)), refused);
        const login = { login: 'joe', passwd: dovecotUsers.joe };
        assert.deepEqual(await run(at(service, address, login)), refused);
      }
    }
  });
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { NegotiateCheck } from '../../src/config/check-model.ts';
import { besiege, checkOf, run } from '../support/real-servers/check.ts';
import {
  radiusPort,
  radiusSecret,
  radiusUser,
  startFreeradius,
} from '../support/real-servers/freeradius.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';
import {
  baseDn,
  hiddenDn,
  slapdPorts,
  slapdUser,
  startSlapd,
} from '../support/real-servers/slapd.ts';
import { trustTestAuthority } from '../support/tls-identity.ts';

trustTestAuthority();

const addresses = ['127.0.0.1', '::1'];
const directory = sharedDirectory('servers-directory');
const refused = { up: false, reason: 'connection refused' };
/** Long enough for other checks meanwhile, in a kernel where everything takes its time. */
const silentMs = 1500;
const noAnswer = { up: false, reason: `no answer within ${silentMs} ms` };

const services = ['ldap', 'ldaps'] as const;
let slapd: RealServer;
const ldap = (
  service: (typeof services)[number],
  address: string,
  changes: Partial<NegotiateCheck> = {},
): NegotiateCheck =>
  checkOf(
    service,
    { address, port: slapdPorts[service] },
    {
      request: `/${baseDn}`,
      // As the configuration has it where the file says nothing.
      ...(service === 'ldaps' && { tls: { verify: 'none', sni: '', certWarnDays: 0 } }),
      ...changes,
    },
  );

let freeradius: RealServer;
const radius = (address: string, changes: Partial<NegotiateCheck> = {}): NegotiateCheck =>
  checkOf(
    'radius',
    { address, port: radiusPort },
    { ...radiusUser, secret: radiusSecret, ...changes },
  );

before(async () => {
  slapd = await startSlapd(path.join(directory, 'slapd'));
  freeradius = await startFreeradius(path.join(directory, 'freeradius'));
});
after(async () => {
  for (const server of [slapd, freeradius]) await server?.stop();
});

describe('slapd, asked by ldap and ldaps', () => {
  for (const service of services) {
    for (const address of addresses) {
      it(`is up at ${address} for ${service} when the entry is there`, async () => {
        const up = { up: true, reason: baseDn };
        assert.deepEqual(await run(ldap(service, address)), up);
        assert.deepEqual(await run(ldap(service, address, { receive: '^dc=example,' })), up);
      });
    }

    it(`is up for ${service} at the root entry`, async () => {
      const outcome = await run(ldap(service, '127.0.0.1', { request: '/' }));
      assert.deepEqual(outcome, { up: true, reason: 'the root entry' });
    });

    it(`is down for ${service} when the DN does not match`, async () => {
      const outcome = await run(ldap(service, '127.0.0.1', { receive: 'dc=org' }));
      const reason = `Response mismatch: ${baseDn}`;
      assert.deepEqual(outcome, { up: false, reason });
    });

    it(`shows a user over ${service} what it hides from others`, async () => {
      const hidden = { request: `/${hiddenDn}` };
      const shown = await run(ldap(service, '::1', { ...hidden, ...slapdUser }));
      assert.deepEqual(shown, { up: true, reason: hiddenDn });
      // Without a password it is no login (RFC 4513, 5.1.2), and all is done by nobody.
      for (const nobody of [{}, { login: slapdUser.login }]) {
        const outcome = await run(ldap(service, '::1', { ...hidden, ...nobody }));
        assert.match(outcome.reason, /Code: 0x20$/);
        assert.equal(outcome.up, false);
      }
    });

    it(`is down for ${service} with a wrong password or entry`, async () => {
      const wrong = await run(ldap(service, '::1', { ...slapdUser, passwd: 'wrong' }));
      assert.match(wrong.reason, /Code: 0x31$/);
      assert.equal(wrong.up, false);
      const missing = await run(ldap(service, '::1', { request: `/ou=none,${baseDn}` }));
      assert.match(missing.reason, /Code: 0x20$/);
      assert.equal(missing.up, false);
    });
  }

  it('is down over ldaps where the certificate is to be verified', async () => {
    const tls = { verify: 'ca', sni: '', certWarnDays: 0 } as const;
    const reason = 'certificate not trusted: self-signed certificate';
    assert.deepEqual(await run(ldap('ldaps', '127.0.0.1', { tls })), { up: false, reason });
  });

  it('is down over ldaps at a port that speaks no TLS', async () => {
    const target = { address: '127.0.0.1', port: slapdPorts.ldap };
    const outcome = await run(checkOf('ldaps', target, { request: `/${baseDn}` }));
    assert.equal(outcome.up, false);
    assert.match(outcome.reason, /connection (closed|reset) by the server|TLS|secure/);
  });

  it('is down at the deadline while it is frozen, and the checks of freeradius go on', async () => {
    slapd.freeze();
    try {
      for (const service of services) {
        const silent = ldap(service, '127.0.0.1', { timeoutMs: silentMs });
        const siege = await besiege(silent, radius('::1'));
        assert.deepEqual(siege.silent, noAnswer);
        assert.notEqual(siege.others.length, 0);
        for (const { up, reason } of siege.others) assert.equal(up, true, reason);
      }
    } finally {
      slapd.thaw();
    }
    for (const service of services) assert.equal((await run(ldap(service, '::1'))).up, true);
  });

  it('is down when it was stopped', async () => {
    await slapd.stop();
    for (const service of services) {
      for (const address of addresses) {
        assert.deepEqual(await run(ldap(service, address)), refused);
      }
    }
  });
});

describe('freeradius, asked by radius', () => {
  for (const address of addresses) {
    it(`is up at ${address} when it accepts the login`, async () => {
      assert.deepEqual(await run(radius(address)), { up: true, reason: 'Access-Accept' });
    });

    it(`is down at ${address} with a wrong password or user`, async () => {
      for (const changes of [{ passwd: 'wrong' }, { login: 'nobody' }]) {
        const outcome = await run(radius(address, changes));
        assert.deepEqual(outcome, { up: false, reason: 'Access-Reject' });
      }
    });
  }

  it('does not answer to a wrong secret', async () => {
    const outcome = await run(radius('127.0.0.1', { secret: 'wrong', timeoutMs: silentMs }));
    assert.deepEqual(outcome, noAnswer);
  });

  it('is down at the deadline while it is frozen, and up after', async () => {
    freeradius.freeze();
    assert.deepEqual(await run(radius('::1', { timeoutMs: silentMs })), noAnswer);
    freeradius.thaw();
    assert.equal((await run(radius('::1'))).up, true);
  });

  it('is down when it was stopped', async () => {
    await freeradius.stop();
    for (const address of addresses) assert.deepEqual(await run(radius(address)), refused);
  });
});

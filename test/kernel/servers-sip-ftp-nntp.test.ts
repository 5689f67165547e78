import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { besiege, checkOf, run } from '../support/real-servers/check.ts';
import { startKamailio, unknownSipUser } from '../support/real-servers/kamailio.ts';
import { type Leafnode, startLeafnode } from '../support/real-servers/leafnode.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';
import { ftpFile, startVsftpd } from '../support/real-servers/vsftpd.ts';

const addresses = ['127.0.0.1', '::1'];
const directory = sharedDirectory('servers');
const refused = { up: false, reason: 'connection refused' };
/** Long enough for other checks meanwhile, in a kernel where everything takes its time. */
const timeoutMs = 1500;
const noAnswer = { up: false, reason: `no answer within ${timeoutMs} ms` };

describe('kamailio, asked by sip', () => {
  const protocols = ['udp', 'tcp'] as const;
  const login = 'ldirectord@director.example.com';
  let kamailio: RealServer;
  before(async () => {
    kamailio = await startKamailio(path.join(directory, 'kamailio'));
  });
  after(() => kamailio.stop());

  for (const protocol of protocols) {
    for (const address of addresses) {
      const check = checkOf('sip', { address, port: 5060 }, { protocol, login });

      it(`is up at ${address} over ${protocol}, with and without a login`, async () => {
        assert.deepEqual(await run(check), { up: true, reason: 'SIP/2.0 200 OK' });
        assert.deepEqual(await run({ ...check, login: '' }), {
          up: true,
          reason: 'SIP/2.0 200 OK',
        });
      });

      it(`is down at ${address} over ${protocol} for a user whom it does not know`, async () => {
        const reason = 'SIP/2.0 404 Not Found';
        assert.deepEqual(await run({ ...check, login: unknownSipUser }), { up: false, reason });
      });
    }

    it(`is down over ${protocol} while it is frozen, and the other checks go on`, async () => {
      const ftp = await startVsftpd(path.join(directory, 'ftp'), { port: 21 });
      kamailio.freeze();
      try {
        const sip = checkOf('sip', { address: '::1', port: 5060 }, { protocol, login, timeoutMs });
        const other = checkOf('ftp', { address: '127.0.0.1', port: 21 });
        const { silent, others } = await besiege(sip, other);
        assert.deepEqual(silent, noAnswer);
        assert.notEqual(others.length, 0);
        for (const { up, reason } of others) assert.equal(up, true, reason);
      } finally {
        kamailio.thaw();
        await ftp.stop();
      }
    });
  }

  it('is up when it goes on, and down when it was stopped', async () => {
    const checks = protocols.flatMap((protocol) =>
      addresses.map((address) => checkOf('sip', { address, port: 5060 }, { protocol, login })),
    );
    for (const check of checks) assert.equal((await run(check)).up, true);
    await kamailio.stop();
    for (const check of checks) assert.deepEqual(await run(check), refused);
  });
});

describe('vsftpd, asked by ftp', () => {
  const anonymous = { login: 'anonymous', passwd: 'ldirectord@director.example.com' };
  const transfer = { ...anonymous, request: ftpFile.name, receive: 'Test P' };
  const fetched = { up: true, reason: `"${ftpFile.name}" fetched` };
  let vsftpd: RealServer;
  before(async () => {
    vsftpd = await startVsftpd(path.join(directory, 'ftp'), { port: 21 });
  });
  after(() => vsftpd.stop());

  for (const address of addresses) {
    const check = checkOf('ftp', { address, port: 21 }, transfer);

    it(`is up at ${address} when the file matches, or the login is enough`, async () => {
      assert.deepEqual(await run(check), fetched);
      assert.deepEqual(await run({ ...check, login: '', passwd: '' }), fetched);
      const outcome = await run({ ...check, receive: '' });
      assert.deepEqual(outcome, { up: true, reason: '230 Login successful.' });
      const greeted = await run(checkOf('ftp', { address, port: 21 }));
      assert.match(greeted.reason, /^220 \(vsFTPd/);
      assert.equal(greeted.up, true);
    });

    it(`is down at ${address} when the file does not match, or is not there`, async () => {
      assert.deepEqual(await run({ ...check, receive: 'Other' }), {
        up: false,
        reason: `"${ftpFile.name}" fetched, but "receive" does not match`,
      });
      assert.deepEqual(await run({ ...check, request: '/pub/none' }), {
        up: false,
        reason: '"/pub/none" not fetched: 550 Failed to open file.',
      });
    });

    it(`is down at ${address} with a wrong login, whatever is to be fetched`, async () => {
      for (const receive of ['', 'Test P']) {
        assert.deepEqual(await run({ ...check, receive, login: 'root', passwd: 'x' }), {
          up: false,
          reason: 'login refused: 530 Login incorrect.',
        });
      }
    });
  }

  it('is up by PASV where it has no EPSV', async () => {
    const options = { port: 2121, denied: ['EPSV'] };
    const old = await startVsftpd(path.join(directory, 'old'), options);
    try {
      const check = checkOf('ftp', { address: '127.0.0.1', port: 2121 }, transfer);
      assert.deepEqual(await run(check), fetched);
    } finally {
      await old.stop();
    }
  });

  it('is down at the deadline while it is frozen, and up after', async () => {
    const check = checkOf('ftp', { address: '::1', port: 21 }, transfer);
    vsftpd.freeze();
    assert.deepEqual(await run({ ...check, timeoutMs }), noAnswer);
    assert.deepEqual(await run({ ...check, timeoutMs, receive: '' }), noAnswer);
    vsftpd.thaw();
    assert.deepEqual(await run(check), fetched);
  });

  it('is down when it was stopped, also without receive', async () => {
    await vsftpd.stop();
    for (const address of addresses) {
      const check = checkOf('ftp', { address, port: 21 }, transfer);
      assert.deepEqual(await run(check), refused);
      assert.deepEqual(await run({ ...check, receive: '' }), refused);
    }
  });
});

describe('leafnode, asked by nntp', () => {
  let leafnode: Leafnode;
  before(async () => {
    leafnode = await startLeafnode();
  });
  after(() => leafnode.stop());

  for (const address of addresses) {
    it(`is up at ${address}`, async () => {
      const outcome = await run(checkOf('nntp', { address, port: 119 }));
      assert.match(outcome.reason, /^20[01] .*Leafnode/i);
      assert.equal(outcome.up, true);
    });
  }

  it('is down while it refuses service', async () => {
    leafnode.configure(false);
    const check = checkOf('nntp', { address: '::1', port: 119 });
    const outcome = await run(check);
    assert.match(outcome.reason, /^503 Unable to read configuration/);
    assert.equal(outcome.up, false);
    leafnode.configure(true);
    assert.equal((await run(check)).up, true);
  });

  it('is down at the deadline while it is frozen, and up after', async () => {
    const check = checkOf('nntp', { address: '127.0.0.1', port: 119 });
    leafnode.freeze();
    assert.deepEqual(await run({ ...check, timeoutMs }), noAnswer);
    leafnode.thaw();
    assert.equal((await run(check)).up, true);
  });

  it('is down when it was stopped', async () => {
    await leafnode.stop();
    for (const address of addresses) {
      assert.deepEqual(await run(checkOf('nntp', { address, port: 119 })), refused);
    }
  });
});

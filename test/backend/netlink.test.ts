import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendError } from '../../src/backend/backend.ts';
import { NetlinkBackend, NetlinkUnusableError } from '../../src/backend/netlink.ts';
import { NetlinkError } from '../../src/ipvs-netlink/errors.ts';

// what becomes of failures; the rest is proven by the contract on a real kernel
describe('NetlinkBackend.open', () => {
  it('says that permission is missing', async () => {
    await assert.rejects(opening('EPERM'), {
      name: 'BackendError',
      message: 'cannot open the IPVS table: permission denied; run as root or with CAP_NET_ADMIN',
    });
  });

  it('says that the kernel has no ip_vs', async () => {
    await assert.rejects(opening('ENOENT'), (error) => {
      assert.ok(error instanceof BackendError);
      assert.ok(!(error instanceof NetlinkUnusableError));
      assert.equal(error.message, 'the kernel has no IPVS: load module ip_vs');
      return true;
    });
  });

  it('tells when netlink itself does not work', async () => {
    for (const code of ['ERR_DLOPEN_FAILED', 'ERR_MODULE_NOT_FOUND', 'EPROTONOSUPPORT', 'EIO']) {
      await assert.rejects(opening(code), (error) => {
        assert.ok(error instanceof NetlinkUnusableError);
        assert.equal(error.message, `open netlink socket: failed (${code})`);
        return true;
      });
    }
  });
});

function opening(code: string): Promise<NetlinkBackend> {
  const error = new NetlinkError({ operation: 'open netlink socket', code });
  return NetlinkBackend.open({ openSocket: () => Promise.reject(error) });
}

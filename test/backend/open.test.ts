import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendError } from '../../src/backend/backend.ts';
import { MemoryBackend } from '../../src/backend/memory.ts';
import { NetlinkUnusableError } from '../../src/backend/netlink.ts';
import { openBackend } from '../../src/backend/open.ts';

const works = async (): Promise<MemoryBackend> => new MemoryBackend();
const fails = (error: Error) => (): Promise<never> => Promise.reject(error);
const mustNot = fails(new Error('this backend must not be opened'));

describe('openBackend', () => {
  it('opens what was asked for and nothing else', async () => {
    const netlinkOnly = { netlink: works, ipvsadm: mustNot };
    assert.equal((await openBackend('netlink', netlinkOnly)).reason, 'netlink');
    assert.equal((await openBackend('auto', netlinkOnly)).reason, 'netlink');
    const ipvsadmOnly = { netlink: mustNot, ipvsadm: works };
    assert.equal((await openBackend('ipvsadm', ipvsadmOnly)).reason, 'ipvsadm');
    const memory = await openBackend('memory', { netlink: mustNot, ipvsadm: mustNot });
    assert.equal(memory.backend.name, 'memory');
  });

  it('turns to ipvsadm when netlink is of no use', async () => {
    const netlink = fails(new NetlinkUnusableError('open netlink socket: failed (ERR_DLOPEN)'));
    const { reason } = await openBackend('auto', { netlink, ipvsadm: works });
    assert.equal(reason, 'ipvsadm, as netlink failed: open netlink socket: failed (ERR_DLOPEN)');
  });

  it('takes no for an answer when the kernel gave it', async () => {
    const error = new BackendError('the kernel has no IPVS: load module ip_vs');
    await assert.rejects(openBackend('auto', { netlink: fails(error), ipvsadm: mustNot }), error);
  });

  it('does not turn away from netlink when it was asked for', async () => {
    const error = new NetlinkUnusableError('no netlink');
    await assert.rejects(
      openBackend('netlink', { netlink: fails(error), ipvsadm: mustNot }),
      error,
    );
  });

  it('names both reasons when neither works', async () => {
    const netlink = fails(new NetlinkUnusableError('no netlink'));
    const ipvsadm = fails(new BackendError('no ipvsadm'));
    await assert.rejects(openBackend('auto', { netlink, ipvsadm }), {
      name: 'BackendError',
      message: 'no ipvsadm; netlink failed: no netlink',
    });
  });
});

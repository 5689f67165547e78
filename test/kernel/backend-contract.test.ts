import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import fc from 'fast-check';
import type { IpvsBackend } from '../../src/backend/backend.ts';
import { IpvsadmBackend } from '../../src/backend/ipvsadm.ts';
import { MemoryBackend } from '../../src/backend/memory.ts';
import { NetlinkBackend } from '../../src/backend/netlink.ts';
import { openBackend } from '../../src/backend/open.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { plainTable } from '../contract/plain-table.ts';
import { arbitraryOperations } from '../support/arbitrary-operations.ts';

async function emptied(open: () => Promise<IpvsBackend>): Promise<IpvsBackend> {
  await execa('ipvsadm', ['-C']);
  return open();
}

async function savedLines(): Promise<readonly string[]> {
  const { stdout } = await execa('ipvsadm', ['-Sn']);
  return stdout === '' ? [] : stdout.split('\n');
}

const netlink = (): Promise<IpvsBackend> => emptied(() => NetlinkBackend.open());
const ipvsadm = (): Promise<IpvsBackend> => emptied(() => IpvsadmBackend.open());

backendContract('netlink', { open: netlink, savedLines, runs: 20 });
backendContract('ipvsadm', { open: ipvsadm, savedLines, runs: 8 });

describe('the backends', () => {
  it('agree on any operations, right ones and wrong ones', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOperations(), async (operations) => {
        const runs = [];
        for (const open of [netlink, ipvsadm, async () => new MemoryBackend()]) {
          const backend = await open();
          const outcomes = await backend.apply(operations);
          runs.push({
            done: outcomes.map(({ error }) => error === undefined),
            table: plainTable(await backend.readTable()),
          });
          await backend.close();
        }
        assert.deepEqual(runs[1], runs[0]);
        assert.deepEqual(runs[2], runs[0]);
      }),
      { numRuns: 12 },
    );
  });

  it('read the same table of the kernel', async () => {
    const writer = await netlink();
    const reader = await IpvsadmBackend.open();
    await fc.assert(
      fc.asyncProperty(arbitraryOperations(), async (operations) => {
        await writer.apply(operations);
        assert.deepEqual(await reader.readTable(), await writer.readTable());
      }),
      { numRuns: 10 },
    );
    await writer.close();
    await reader.close();
  });

  it('say in a line that permission is missing, without a try by another way', async () => {
    const url = new URL('../../src/backend/open.js', import.meta.url);
    const script = `import { openBackend } from ${JSON.stringify(url)};
      for (const choice of ['auto', 'netlink', 'ipvsadm']) {
        await openBackend(choice).catch((error) => console.log(error.name, error.message));
      }`;
    const without = ['--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
    const node = [process.execPath, '--input-type=module', '-e', script];
    const { stdout } = await execa('setpriv', [...without, ...node]);
    const expected =
      'BackendError cannot open the IPVS table: permission denied;' +
      ' run as root or with CAP_NET_ADMIN';
    assert.deepEqual(stdout.split('\n'), [expected, expected, expected]);
  });

  it('are opened by choice, netlink first', async () => {
    const opened = await openBackend('auto');
    assert.equal(opened.backend.name, 'netlink');
    assert.equal(opened.reason, 'netlink');
    await opened.backend.close();
    const asked = await openBackend('ipvsadm');
    assert.equal(asked.backend.name, 'ipvsadm');
    await asked.backend.close();
  });
});

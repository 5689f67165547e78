import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { shownBlock } from '../man/man-page.ts';
import { installAgents } from '../support/ha/agents.ts';

const shownFrom = (firstLine: string) => shownBlock('ipvsd.8', 'CLUSTERS', firstLine);

describe('ipvsd(8), CLUSTERS', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'manual-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** Gives it to crmsh. @returns the file that it becomes, without a fault. */
  const load = async (text: string): Promise<string> => {
    const { ocfRoot } = await installAgents(mkdtempSync(path.join(directory, 'agents-')));
    const words = path.join(directory, 'words');
    writeFileSync(words, `property stonith-enabled=false\n${text}`);
    const cib = path.join(directory, 'cib.xml');
    writeFileSync(cib, (await execa('cibadmin', ['--empty'])).stdout);
    const script = `mount --bind '${ocfRoot}' /usr/lib/ocf
exec crm configure load update '${words}'`;
    const { all, exitCode } = await execa('unshare', ['-m', 'sh', '-euc', script], {
      env: { CIB_file: cib },
      all: true,
      reject: false,
    });
    assert.equal(exitCode, 0, all);
    // an agent that is not there, a parameter that it does not know, a time that is too short: all
    // but that a cluster of no nodes has no quorum
    const said = all.split('\n').filter((line) => !/\((cluster_status|unpack_config)\)/.test(line));
    assert.deepEqual(
      said.filter((line) => line !== ''),
      [],
    );
    return cib;
  };
  /** What Pacemaker would start on two nodes, in its order. */
  const starts = async (cib: string): Promise<readonly string[]> => {
    const argv = ['-x', cib, '--simulate', '--quorum=1', '-u', 'alpha', '-u', 'beta'];
    const { stdout } = await execa('crm_simulate', argv);
    const started = stdout.matchAll(/Resource action: (lb(?::\d)?|vip) +start on (\w+)$/gm);
    return [...started].map(([, resource, node]) => `${resource} on ${node}`);
  };

  it('has a configuration that crmsh takes, and that fits the agents', async () => {
    const cib = await load(shownFrom('primitive '));
    const depths = [...readFileSync(cib, 'utf8').matchAll(/"OCF_CHECK_LEVEL" value="(\d+)"/g)];
    assert.deepEqual(
      depths.map(([, depth]) => depth),
      ['10', '20'],
    );
    assert.deepEqual(await starts(cib), ['lb on alpha', 'vip on alpha']);
  });

  it('has another one with the table on all nodes, in place of the group', async () => {
    const text = shownFrom('primitive ').replace(/^group .*\n/m, shownFrom('clone lb'));
    const cib = await load(text);
    assert.deepEqual(await starts(cib), ['lb:0 on alpha', 'lb:1 on beta', 'vip on alpha']);
  });
});

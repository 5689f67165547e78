import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { plainText, readPage, sectionLines } from '../man/man-page.ts';
import { installAgents } from '../support/ha/agents.ts';

describe('ipvsd(8), CLUSTERS', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'manual-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('has a configuration that crmsh takes, and that fits the agents', async () => {
    const { ocfRoot } = await installAgents(directory);
    const words = path.join(directory, 'words');
    writeFileSync(words, `property stonith-enabled=false\n${configuration()}`);
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
    const depths = [...readFileSync(cib, 'utf8').matchAll(/"OCF_CHECK_LEVEL" value="(\d+)"/g)];
    assert.deepEqual(
      depths.map(([, depth]) => depth),
      ['10', '20'],
    );
  });
});

/** What stands there for `crm configure load update`. */
function configuration(): string {
  const lines = sectionLines(readPage('ipvsd.8'), 'CLUSTERS');
  const begin = lines.findIndex((line) => line.startsWith('primitive '));
  assert.ok(begin > 0);
  const length = lines.slice(begin).indexOf('.RE');
  return `${plainText(lines.slice(begin, begin + length).join('\n'))}\n`;
}

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { execa } from 'execa';
import { section } from '../../support/doctor.ts';
import { program } from '../../support/ipvsd.ts';
import { withTempDirectory } from '../../support/temp-directory.ts';

const rules = `table ip own {
  chain in {
    type nat hook prerouting priority dstnat;
    ip daddr 10.9.0.0/24 tcp dport { 22, 80-90 } dnat to 10.9.0.102:80
    tcp dport 8080 redirect to :80
  }
}
`;
const marks = `table inet own {
  chain in {
    type filter hook prerouting priority mangle;
    ip daddr 10.9.0.200 meta l4proto tcp meta mark set 0x7
  }
}
`;

/** Runs it in a network namespace of its own, which is gone afterwards. */
const inside = (script: string) =>
  execa('unshare', ['--net', 'sh', '-euc', script], { reject: false, stdin: 'ignore' });

it('reads what nft prints of a kernel, and its removal removes the rule', async (t) => {
  const trial = await inside('nft add table ip trial');
  if (trial.exitCode !== 0) {
    t.skip(`nft cannot be tried here: ${trial.stderr.split('\n')[0] ?? trial.shortMessage}`);
    return;
  }
  await withTempDirectory('rules', async (directory) => {
    const write = (name: string, text: string): string => {
      const file = path.join(directory, name);
      writeFileSync(file, text);
      return file;
    };
    const config = write('a.cf', section('10.9.0.200:80', 'real=10.9.0.101:80 gate'));
    const marked = write('b.cf', section('7', 'real=10.9.0.101:80 gate'));
    const doctor = (file: string) =>
      `"${process.execPath}" "${program}" doctor ${file} --json || true`;
    const seen = async (script: string, name: string) => {
      const { stdout, stderr } = await inside(script);
      assert.notEqual(stdout, '', stderr);
      return JSON.parse(stdout).checks.find((one: { name: string }) => one.name === name);
    };
    const load = `nft -f ${write('rules.nft', rules)}`;
    const { outcome, findings } = await seen(`${load}; ${doctor(config)}`, 'nat-rules');
    assert.equal(outcome, 'found');
    assert.equal(findings.length, 1);
    assert.match(
      findings[0].what,
      /^DNAT takes its packets: ip own in: daddr 10\.9\.0\.0\/24 tcp dport 22,80-90/,
    );
    const mended = await seen(`${load}; ${findings[0].command}; ${doctor(config)}`, 'nat-rules');
    assert.equal(mended.outcome, 'passed');

    const missing = await seen(doctor(marked), 'mark-rules');
    assert.equal(missing.outcome, 'found');
    const command = missing.findings[0].command
      .replace('ADDRESS', '10.9.0.200')
      .replace('PORT', '80');
    assert.equal((await seen(`${command}; ${doctor(marked)}`, 'mark-rules')).outcome, 'passed');
    const own = `nft -f ${write('marks.nft', marks)}`;
    assert.equal((await seen(`${own}; ${doctor(marked)}`, 'mark-rules')).outcome, 'passed');
  });
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

function file(t: TestContext, name: string, text: string): string {
  const path = join(temporaryDirectory(t), name);
  writeFileSync(path, text);
  return path;
}

const whole = `virtual_server 10.9.0.30 80 {
    alpha
    lvs_sched rr
    protocol TCP
    real_server 10.9.0.2 80 {
        TCP_CHECK {
        }
    }
}
`;

describe('ipvsd import', () => {
  it('exits with 0 for a file of which nothing is lost, and prints the new one', async (t) => {
    const path = file(t, 'keepalived.conf', whole);
    const { exitCode, stdout, stderr } = await callIpvsd('import', path);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(stdout, /^virtual=10\.9\.0\.30:80$/m);
    assert.match(stdout, /^# Written by "ipvsd import" from \/.*\/keepalived\.conf$/m);
  });

  it('exits with 3 when something is lost, and names it', async (t) => {
    const path = file(t, 'keepalived.conf', whole.replace('alpha', 'alpha\n    ha_suspend'));
    const { exitCode, stdout, stderr } = await callIpvsd('import', path);
    assert.equal(exitCode, 3);
    assert.match(stdout, /^virtual=/m);
    const what = 'ha_suspend: lost: servers are checked wherever the address is';
    assert.equal(stderr, `${path}:3: ${what}\n`);
  });

  it('exits with 3 when ipvsd would not take a value, and names it', async (t) => {
    const check = 'SMTP_CHECK {\n helo_name ""\n';
    const path = file(t, 'keepalived.conf', whole.replace('TCP_CHECK {', check));
    const { exitCode, stderr } = await callIpvsd('import', path);
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      /ipvsd does not take line \d+ of the new file: helo: expected a host name/,
    );
  });

  it('prints no control characters, neither into the new file nor to the terminal', async (t) => {
    const text = whole.replace('protocol TCP', 'protocol TCP\n quorum_up "/bin/a \\x0avirtual=1"');
    const path = file(t, 'keepalived.conf', text);
    const { exitCode, stdout, stderr } = await callIpvsd('import', path);
    assert.equal(exitCode, 3);
    assert.doesNotMatch(stdout, /quorumup|virtual=1$/m);
    assert.match(stderr, /: quorum_up: lost: a command with control characters/);
    const coloured = file(t, 'coloured.conf', whole.replace('rr', '\x1b[31mrr'));
    const refused = await callIpvsd('import', coloured);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /lvs_sched: error: expected words without control characters/);
    assert.ok(!refused.stderr.includes('\x1b'));
  });

  it('does not fall over a path that no file can have', async (t) => {
    const path = file(t, 'keepalived.conf', `${whole}include ${'a'.repeat(300)}\n`);
    const { exitCode, stderr } = await callIpvsd('import', path);
    assert.equal(exitCode, 0);
    assert.match(stderr, /include: note: "\/.*" is not read, .*: it cannot be read$/m);
  });

  it('prints what stays with keepalived below the lines', async (t) => {
    const path = file(t, 'keepalived.conf', `${whole}vrrp_instance A {\n  state MASTER\n}\n`);
    const { exitCode, stderr } = await callIpvsd('import', path);
    assert.equal(exitCode, 3);
    assert.match(stderr, /^.*:10: vrrp_instance A: stays with keepalived: /);
    assert.match(stderr, /keepalived -P.*\n\nvrrp_instance A \{\n {4}state MASTER\n\}\n$/s);
  });

  it('exits with 2 for a file with errors, and prints nothing else', async (t) => {
    const path = file(t, 'keepalived.conf', whole.replace('TCP_CHECK', 'TPC_CHECK'));
    const { exitCode, stdout, stderr } = await callIpvsd('import', path);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /:6: TPC_CHECK: error: .*did you mean "TCP_CHECK"\?/);
  });

  it('takes conditional lines by --config-id', async (t) => {
    const path = file(t, 'keepalived.conf', whole.replace('lvs_sched rr', '@one lvs_sched sed'));
    const found = await callIpvsd('import', path, '--config-id', 'one');
    assert.match(found.stdout, /scheduler=sed/);
    const other = await callIpvsd('import', path, '--config-id', 'two');
    assert.match(other.stdout, /scheduler=wlc/);
  });

  it('writes to a new file with --output, and never over one that is there', async (t) => {
    const path = file(t, 'keepalived.conf', whole);
    const output = `${path}.cf`;
    const first = await callIpvsd('import', path, '--output', output);
    assert.deepEqual([first.exitCode, first.stdout], [0, '']);
    assert.match(readFileSync(output, 'utf8'), /^virtual=/m);
    const second = await callIpvsd('import', path, '--output', output);
    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, /^ipvsd: --output: ".*": file already exists\n$/);
  });

  it('says what is wrong with its arguments', async () => {
    const cases = [
      [['import'], 1, 'import: expected exactly one FILE'],
      [['import', '/nowhere.conf'], 2, 'import: "/nowhere.conf": no such file or directory'],
      [
        ['import', 'x', '--from', 'nginx'],
        1,
        '--from: expected keepalived or ipvsadm, got "nginx"',
      ],
    ] as const;
    for (const [args, exitCode, message] of cases) {
      const found = await callIpvsd(...args);
      assert.deepEqual([found.exitCode, found.stderr], [exitCode, `ipvsd: ${message}\n`]);
    }
  });
});

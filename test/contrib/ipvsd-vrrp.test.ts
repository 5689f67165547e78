import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { temporaryDirectory } from '../support/script.ts';

const script = fileURLToPath(new URL('../../../contrib/keepalived/ipvsd-vrrp', import.meta.url));
const controlServer = new URL('../../src/daemon/control-server.js', import.meta.url).href;
const stateFile = '/run/ipvsd/ldirectord.cf.vrrp';
const boot = '$(cat /proc/sys/kernel/random/boot_id)';

/** A program with the control socket of a daemon that is stuck while `$folder/stuck` is there. */
const daemonOf = (socket: string) => `
  const { existsSync } = require('fs');
  const stuck = () => existsSync(process.env.folder + '/stuck') ? 'it hangs' : undefined;
  import('${controlServer}')
    .then(({ listenForControl }) => listenForControl('${socket}', { stuck }))
    .then(() => console.log('here'));`;

/**
 * Runs lines of shell with a /run of their own and a program in place of ipvsd, `$calls` of which is
 * the list of its calls; `$vrrp` is the script.
 *
 * @returns undefined where we may not have a /run of our own.
 */
async function inOwnRun(t: TestContext, lines: readonly string[]) {
  const folder = temporaryDirectory(t);
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  const program = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  // what "$1 $2" is to end with may stand in a file of that name
  const answer = `[ ! -e "${folder}/$1 $2" ] || exit "$(cat "${folder}/$1 $2")"`;
  program('ipvsd', `echo "$*" >>${calls}\n${answer}`);
  program('logger', '[ -z "$LOG_HANGS" ] || exec sleep 1000');
  const own = (text: string) =>
    execa('unshare', ['-rm', 'sh', '-euc', text], {
      reject: false,
      timeout: 120_000,
      env: { PATH: `${folder}:${process.env['PATH']}`, vrrp: script, folder, calls },
    });
  const setUp = 'mount -t tmpfs none /run; mkdir /run/ipvsd';
  if ((await own(setUp)).exitCode !== 0) return undefined;
  const { stdout, stderr, timedOut } = await own([setUp, ...lines].join('\n'));
  assert.equal(timedOut, false, stderr);
  return { stdout, stderr, calls: readFileSync(calls, 'utf8').trimEnd().split('\n') };
}

/** What it does among real directors is in test/ha/keepalived-vrrp.test.ts. */
describe('ipvsd-vrrp', () => {
  it('gives way to a later call, but to none before the machine was booted', async (t) => {
    const last = (which: string) => `echo "99999999999999 1 ${which} master" >${stateFile}`;
    const ran = await inOwnRun(t, [last(boot), '$vrrp master', last('another'), '$vrrp backup']);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.match(ran.stderr, /^ipvsd-vrrp: master: no longer so\nipvsd-vrrp: backup: done$/);
    assert.deepEqual(ran.calls, [
      'sync stop master',
      'sync start backup eth0 --syncid 0',
      'role standby -- /etc/ha.d/ldirectord.cf',
    ]);
  });

  it('looks at the calls for one file alone, but for the synchronisation, which all have together', async (t) => {
    const ran = await inOwnRun(t, [
      `echo "99999999999999 1 ${boot} master" >${stateFile}`,
      '$vrrp backup /etc/b.cf',
      '$vrrp master /etc/b.cf',
      `echo "1 1 ${boot} fault" >${stateFile}`,
      '$vrrp stop /etc/b.cf',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.doesNotMatch(ran.stderr, /no longer so/);
    assert.deepEqual(ran.calls, [
      'sync start both eth0 --syncid 0',
      'role standby -- /etc/b.cf',
      'role active -- /etc/b.cf',
      'sync stop backup',
      'sync start master eth0 --syncid 0',
      'sync stop master',
      'sync start backup eth0 --syncid 0',
      'role standby -- /etc/b.cf',
    ]);
  });

  it('minds no file that is not there any more, for the synchronisation', async (t) => {
    const ran = await inOwnRun(t, [
      '$vrrp master $folder/old.cf',
      'touch $folder/new.cf',
      '$vrrp backup $folder/new.cf',
      '$vrrp master $folder/other.cf',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.deepEqual(
      ran.calls.filter((line) => line.startsWith('sync start')),
      ['master', 'backup', 'both'].map((role) => `sync start ${role} eth0 --syncid 0`),
    );
  });

  it('carries out the last alone of those that wait, and the one before when that has been killed', async (t) => {
    const call = (state: string) =>
      `$vrrp ${state} 7>&- & last=$!; until grep -qs " $last " ${stateFile}.next; do sleep 0.05; done`;
    const ran = await inOwnRun(t, [
      `exec 7>>${stateFile}.lock; flock 7`,
      ...['backup', 'fault', 'backup', 'master'].map(call),
      'exec 7>&-; wait',
      `exec 7>>${stateFile}.lock; flock 7`,
      call('backup'),
      // a number that nobody has
      `echo "99999999999999 99999999 ${boot}" >${stateFile}.next`,
      'exec 7>&-; wait',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.equal(ran.stderr.match(/no longer so/g)?.length, 3);
    assert.deepEqual(
      ran.calls.filter((line) => line.startsWith('role')),
      ['active', 'standby'].map((role) => `role ${role} -- /etc/ha.d/ldirectord.cf`),
    );
  });

  it('lets no call for another file wait', async (t) => {
    const ran = await inOwnRun(t, [
      `exec 7>>${stateFile}.lock; flock 7`,
      '$vrrp master 7>&- & waiting=$!',
      '$vrrp master b.cf 7>&-',
      'echo "then" >&2; exec 7>&-; wait $waiting',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.equal(ran.stderr, 'ipvsd-vrrp: master: done\nthen\nipvsd-vrrp: master: done');
  });

  it('can be called as a file of its folder, executable or not', async (t) => {
    const ran = await inOwnRun(t, [
      'cp $vrrp $folder/copy',
      'chmod -x $folder/copy',
      'cd $folder',
      'sh copy backup',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.equal(ran.stderr, 'ipvsd-vrrp: backup: done');
  });

  it('does not wait for a log that takes nothing', async (t) => {
    const ran = await inOwnRun(t, ['LOG_HANGS=yes $vrrp backup', '$vrrp master']);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.match(ran.stderr, /backup: done\n(.*\n)*.*master: done$/);
    assert.equal(ran.calls.filter((line) => line.startsWith('role')).length, 2);
  });

  it('ends a daemon that hangs, but none that is well, and gives the role again', async (t) => {
    const ran = await inOwnRun(t, [
      'echo 1 >"$folder/role active"',
      '$vrrp master || echo "failed" >&2',
      'echo then >>$calls',
      'echo 1 >"$folder/status --monitor"',
      '$vrrp master || echo "failed" >&2',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    const role = 'role active -- /etc/ha.d/ldirectord.cf';
    const [before, after] = ran.calls.join('\n').split('\nthen\n');
    const asked = [role, 'status --monitor 0 -- /etc/ha.d/ldirectord.cf'];
    assert.deepEqual(before?.split('\n').slice(0, -2), asked);
    const mended = [...asked, '-- /etc/ha.d/ldirectord.cf restart', role];
    assert.deepEqual(after?.split('\n').slice(0, -2), mended);
  });

  it('starts a daemon again that a check does not find, until keepalived ends', async (t) => {
    const ran = await inOwnRun(t, [
      // before keepalived has said a word, and after it did before the machine was booted
      '$vrrp again',
      `echo "1 1 another backup" >${stateFile}`,
      '$vrrp again',
      '$vrrp backup',
      'echo check >>$calls',
      'echo 3 >"$folder/role standby"',
      '$vrrp check || echo gone',
      'until grep -q "start$" $calls; do sleep 0.1; done',
      // not at once again, nor while a call of keepalived runs
      `flock ${stateFile}.lock true`,
      '$vrrp again',
      `echo "${boot} 0" >${stateFile}.again`,
      `flock ${stateFile}.lock $vrrp again`,
      'echo then >>$calls',
      '$vrrp again',
      'echo stop >>$calls',
      '$vrrp stop',
      `rm ${stateFile}.again`,
      '$vrrp again',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.equal(ran.stdout, 'gone', ran.stderr);
    const calls = [
      'sync stop master',
      'sync start backup eth0 --syncid 0',
      'role standby -- /etc/ha.d/ldirectord.cf',
    ];
    const started = [...calls, '-- /etc/ha.d/ldirectord.cf start'];
    const expected = [...calls, 'check', ...started, 'then', ...started, 'stop', ...calls];
    assert.deepEqual(ran.calls, expected);
  });

  it('ends what asks the daemon when keepalived ends its check', async (t) => {
    const begin = performance.now();
    const ran = await inOwnRun(t, [
      'printf "#!/bin/sh\\ntouch $folder/asked\\nexec sleep 1000\\n" >$folder/curl',
      'chmod +x $folder/curl',
      'setsid $vrrp check & checking=$!',
      'until [ -e $folder/asked ]; do sleep 0.1; done',
      'kill -TERM -$checking',
      'wait $checking || echo "ended"',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.equal(ran.stdout, 'ended', ran.stderr);
    assert.ok(performance.now() - begin < 20_000);
  });

  it('asks the daemon whatever curl is usually told, and sees a main loop that is stuck', async (t) => {
    const ran = await inOwnRun(t, [
      'echo "fail-with-body" >$folder/.curlrc',
      `"${process.execPath}" -e "${daemonOf('/run/ipvsd/ldirectord.cf.sock')}" >$folder/said & server=$!`,
      'until [ -s $folder/said ]; do sleep 0.1; done',
      'HOME=$folder $vrrp check && echo well',
      'touch $folder/stuck',
      'HOME=$folder $vrrp check || echo stuck',
      'kill $server',
      'wait $server || :',
      '$vrrp check || echo gone',
    ]);
    if (ran === undefined) return t.skip('no user namespaces for us');
    assert.equal(ran.stdout, 'well\nstuck\ngone', ran.stderr);
  });
});

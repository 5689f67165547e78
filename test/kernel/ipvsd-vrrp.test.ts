import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ipvsd, ipvsdOn, program, savedTable } from '../support/ipvsd.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const script = fileURLToPath(new URL('../../../contrib/keepalived/ipvsd-vrrp', import.meta.url));
const patienceMs = 600_000;
const table = ['-A -t 10.9.0.200:80 -s rr', '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 1'];

/** What keepalived itself makes of it is in test/ha/keepalived-vrrp.test.ts. */
describe('ipvsd-vrrp, called many times at once', () => {
  let net: Topology;
  let ipvsd: Ipvsd;
  let env: Readonly<Record<string, string>>;

  const call = (...args: readonly string[]) => ipvsd.call(...args);
  /** Starts one call after the other without waiting, then waits for all. */
  const storm = async (states: readonly string[]) => {
    const calls = `for state in ${states.join(' ')}; do "$0" $state sync & done; wait`;
    const words = ['env', '-C', `${net.directory}/etc`, 'bash', '-c', calls, script];
    return (await net.director.exec(words, { env, timeoutMs: patienceMs })).stderr;
  };
  const daemons = async () => {
    const words = ['pgrep', '-fx', '\\S*node.* -- sync start'];
    return (await net.director.exec(words)).stdout.split('\n');
  };

  before(async () => {
    net = await createTopology({ clients: 0, reals: 0 });
    ipvsd = ipvsdOn(
      net.director,
      `${net.directory}/etc`,
      // the name of a command as well
      'sync',
      `checkinterval=1
logfile="/dev/null"
standbytable=clear
virtual=10.9.0.200:80
\treal=10.9.0.101:80 gate
\tchecktype=on
\tscheduler=rr
`,
    );
    const command = `${net.directory}/ipvsd`;
    writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, {
      mode: 0o755,
    });
    env = { IPVSD: command };
  });
  after(async () => {
    await call('CONFIG', 'stop');
    await call('sync', 'stop');
    await net?.teardown();
  });

  const mixed = ['master', 'backup', 'fault', 'master', 'backup', 'master', 'fault', 'master'];
  it('starts one daemon, with the state of the last', async () => {
    const said = await storm([...mixed, 'backup', 'master', 'fault', 'backup']);
    assert.doesNotMatch(said, /exit code|another call/);
    assert.equal((await daemons()).length, 1, said);
    assert.equal((await call('role', 'CONFIG')).stdout, 'standby');
    assert.match((await call('sync', 'status')).stdout, /^backup running.*\nmaster stopped$/);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('gives the daemon that runs the state of the last', async () => {
    const before = await daemons();
    const said = await storm([...mixed, 'fault', 'backup', 'fault', 'master']);
    assert.doesNotMatch(said, /exit code|another call/);
    assert.deepEqual(await daemons(), before);
    assert.equal((await call('role', 'CONFIG')).stdout, 'active');
    assert.match((await call('sync', 'status')).stdout, /^backup stopped\nmaster running/);
    assert.deepEqual(await savedTable(net.director), table);
  });
});

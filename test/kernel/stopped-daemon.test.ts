import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ipvsd, ipvsdOn } from '../support/ipvsd.ts';
import { createTopology, type Topology } from '../support/topology.ts';

describe('a daemon that was stopped for a while', () => {
  let net: Topology;
  let ipvsd: Ipvsd;

  before(async () => {
    net = await createTopology({ clients: 0, reals: 0 });
    // one that is under way while the file is there
    const check = `${net.directory}/check`;
    writeFileSync(check, `#!/bin/sh\ntouch ${check}.runs\nsleep 0.9\nrm ${check}.runs\n`);
    chmodSync(check, 0o755);
    ipvsd = ipvsdOn(
      net.director,
      `${net.directory}/etc`,
      'stopped.cf',
      `checkinterval=1\nchecktimeout=3\nlogfile="/dev/null"
virtual=10.9.0.200:80
\treal=10.9.0.101:80 gate
\tchecktype=external
\tcheckcommand=${check}
`,
    );
  });
  after(() => net?.teardown());

  it('takes no server for failed that it did not listen to', async () => {
    const daemon = await ipvsd.run();
    await daemon.waitForOutput(/Real server up: /, 60_000);
    while (!existsSync(`${net.directory}/check.runs`)) await sleep(10);
    daemon.signal('SIGSTOP');
    await sleep(5000);
    const mark = new Date().toISOString();
    daemon.signal('SIGCONT');
    await daemon.waitForOutput(
      /ipvsd did not run for a while, failed checks are repeated: \d+\.\d s/,
      60_000,
    );
    for (let at = ''; at <= mark; await sleep(100)) {
      const { stdout } = await ipvsd.call('status', '--json');
      at = JSON.parse(stdout)[0].virtuals[0].reals[0].lastCheck.at;
    }
    assert.doesNotMatch(daemon.output(), /Soft failure|Real server down/);
    await daemon.stop();
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { exportKeepalived } from '../../src/config/keepalived/export-keepalived.ts';
import { importKeepalived } from '../../src/config/keepalived/import-keepalived.ts';
import { parseConfig } from '../../src/config/load.ts';
import { fakeResolver } from '../support/config-fixtures.ts';
import { importFixture, isRefused, keepalivedFixtures } from '../support/keepalived-fixtures.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const file = '/run/written.conf';

/**
 * What `keepalived -t` says of files that it takes, line by line. Each but the first is named by
 * `ipvsd export` as well, among what is changed.
 */
const said: readonly RegExp[] = [
  // marks have no ports
  /^WARNING - (?:fwmark )?virtual server FWM .* has port specified - clearing$/,
  /^WARNING - virtual server .* ports don't match - resetting$/,
];

/** Files of which it says more, and what. */
const saidOf: Readonly<Record<string, readonly RegExp[]>> = {
  // of the file that it was made of as well
  'all-weights-zero': [
    /^Warning - quorum 1 for .* exceeds total weight/,
    /hysteresis 0 >= quorum 0/,
  ],
  'new-keywords': [/Unknown keyword 'sni_name'$/],
};

/** keepalived 2.2.7 ends itself for a user that stands with a command, by a signal, and says nothing. */
const endsItself = ['script-users'];

/** What `keepalived -t` says of a text, and how it ends: 0, 5 for complaints, 6 for the first of them. */
async function complaints(text: string): Promise<readonly string[]> {
  await writeFile(file, text);
  const done = await execa('keepalived', ['-t', '-f', file], { reject: false, all: true });
  const lines = done.all.split('\n').filter((line) => line !== '');
  assert.ok([0, 5, 6].includes(done.exitCode ?? -1), `${done.exitCode} ${done.signal} ${done.all}`);
  assert.equal(done.exitCode === 0, lines.length === 0, done.all);
  return lines;
}

async function exported(text: string, name: string): Promise<string | undefined> {
  const options = { resolver: fakeResolver(), hostname: 'balancer' };
  const { config } = await parseConfig(text, name, options);
  return config && exportKeepalived(config).text;
}

function assertKnown(lines: readonly string[], more: readonly RegExp[]): void {
  const known = [...said, ...more];
  assert.deepEqual(
    lines.filter((line) => !known.some((pattern) => pattern.test(line))),
    [],
  );
}

describe('keepalived -t accepts what ipvsd export writes', () => {
  const names = keepalivedFixtures.filter((name) => !isRefused(name) && !endsItself.includes(name));
  for (const name of names) {
    it(`of ${name}.conf, by way of ipvsd import`, async () => {
      const text = await exported(importFixture(name).text ?? '', 'x.cf');
      assert.ok(text !== undefined);
      assertKnown(await complaints(text), saidOf[name] ?? []);
    });
  }

  const folder = path.join(fixtures, 'ldirectord');
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.cf'))) {
    it(`of ldirectord's ${name}`, async (t) => {
      const text = await exported(readFileSync(path.join(folder, name), 'utf8'), name);
      if (text === undefined) return t.diagnostic('is no good file by itself');
      assertKnown(await complaints(text), []);
    });
  }
});

it('says nothing of a scheduler of another kernel, which ipvsd export replaces by its own', async () => {
  const text = `virtual=10.9.0.30:80
        scheduler=other
        real=10.9.0.2:80 gate
        checktype=external
        checkcommand=/bin/true
`;
  assertKnown(await complaints((await exported(text, 'x.cf')) ?? ''), []);
});

before(async () => {
  // what instances of VRRP are at
  await execa('ip', ['link', 'add', 'eth0', 'type', 'dummy']);
  await execa('ip', ['link', 'set', 'eth0', 'multicast', 'on', 'up']);
});

describe('keepalived -t accepts the keepalived.conf for VRRP that ipvsd import prints', () => {
  it('of vrrp.conf', async () => {
    const { vrrp } = importFixture('vrrp');
    assert.ok(vrrp !== undefined);
    // of the file that it was taken from as well
    assertKnown(await complaints(vrrp), [/^SECURITY VIOLATION - scripts are being executed/]);
  });

  it('with scripts, tracked files, groups and static addresses, and says nothing at all', async () => {
    const text = `global_defs {
    router_id lb1
    script_user root
    enable_script_security
    lvs_sync_daemon eth0 WWW
}
vrrp_track_file load {
    file /run/load
    weight 0
}
vrrp_sync_group ALL {
    group {
        WWW
        MAIL
    }
}
vrrp_script alive {
    script "/usr/bin/test -e /run"
    interval 2
}
${['WWW 51 10.9.0.30/24', 'MAIL 52 10.9.0.31/24']
  .map((words) => words.split(' '))
  .map(
    ([name, router, address]) => `vrrp_instance ${name} {
    state BACKUP
    interface eth0
    virtual_router_id ${router}
    priority 100
    virtual_ipaddress {
        ${address} dev eth0
    }
    track_script {
        alive
    }
    track_file {
        load
    }
}
`,
  )
  .join('')}virtual_server 10.9.0.30 80 {
    protocol TCP
    real_server 10.9.0.2 80 {
        TCP_CHECK {
        }
    }
}
`;
    const files = { read: () => Buffer.from(text), kind: () => 'file' as const, names: () => [] };
    const { vrrp } = importKeepalived('/x.conf', { configId: '', environment: {} }, files);
    assert.ok(vrrp !== undefined && /^vrrp_sync_group /m.test(vrrp), vrrp);
    assert.doesNotMatch(vrrp, /virtual_server|lvs_sync_daemon/);
    assert.deepEqual(await complaints(vrrp), []);
  });
});

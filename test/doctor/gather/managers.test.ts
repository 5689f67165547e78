import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { keepalivedManager } from '../../../src/doctor/gather/managers.ts';
import { temporaryDirectory } from '../../support/script.ts';

const server = 'real_server 10.9.0.2 80 {\n TCP_CHECK {\n connect_timeout 3\n }\n }\n';
const virtual = (name: string, protocol = 'TCP'): string =>
  `virtual_server ${name} {\n lb_algo rr\n lb_kind DR\n protocol ${protocol}\n ${server}}\n`;

async function manager(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  ...options: readonly string[]
) {
  const folder = temporaryDirectory(t);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text.replaceAll('FOLDER', folder));
  }
  const found = await keepalivedManager(process.pid, [
    '--dont-fork',
    ...options,
    '-f',
    join(folder, 'keepalived.conf'),
  ]);
  return { ...found, vrrp: found?.vrrp?.map((word) => word.replace(folder, 'FOLDER')) };
}

const services = async (...args: Parameters<typeof manager>) =>
  (await manager(...args)).services ?? {};

describe('the services of a keepalived.conf', () => {
  it('are its virtual servers, by protocol, address and port or mark', async (t) => {
    const text =
      virtual('10.9.0.200 80') +
      virtual('10.9.0.200 53', 'UDP') +
      virtual('10.9.0.200 54', 'SCTP') +
      virtual('fwmark 5');
    assert.deepEqual(await services(t, { 'keepalived.conf': text }), {
      value: ['tcp:10.9.0.200:80', 'udp:10.9.0.200:53', 'sctp:10.9.0.200:54', 'fwm:5'],
    });
  });

  it('are those of groups and of included files, too', async (t) => {
    const group = 'virtual_server_group web {\n 10.9.0.200 80\n 10.9.0.201 80\n}\n';
    const main = `${group}include FOLDER/more.conf\n`;
    const files = { 'keepalived.conf': main, 'more.conf': virtual('group web') };
    assert.deepEqual(await services(t, files), {
      value: ['tcp:10.9.0.200:80', 'tcp:10.9.0.201:80'],
    });
  });

  it('are beside addresses that it holds by VRRP, of which the options are told', async (t) => {
    const vrrp = 'vrrp_instance one {\n interface eth0\n virtual_router_id 51\n}\n';
    const files = { 'keepalived.conf': virtual('10.9.0.200 80'), 'more.conf': vrrp };
    assert.equal((await manager(t, files)).vrrp, undefined);
    const both = {
      ...files,
      'keepalived.conf': `${virtual('10.9.0.200 80')}include FOLDER/more.conf\n`,
    };
    const { services: kept, vrrp: options } = await manager(t, both, '-l');
    assert.deepEqual(kept, { value: ['tcp:10.9.0.200:80'] });
    assert.deepEqual(options, ['-l', '-f', 'FOLDER/keepalived.conf']);
    // one that was told to check only holds none, one that was told to hold only keeps none
    for (const word of ['-C', '--check'])
      assert.equal((await manager(t, both, word)).vrrp, undefined);
    assert.equal((await manager(t, both, '--vrrp')).program, undefined);
  });

  it('are none with VRRP alone, and not known without the file', async (t) => {
    const vrrp = 'vrrp_instance one {\n interface eth0\n virtual_router_id 51\n}\n';
    assert.deepEqual(await services(t, { 'keepalived.conf': vrrp }), { value: [] });
    assert.ok('unknown' in (await services(t, {})));
  });
});

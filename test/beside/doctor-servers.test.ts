import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Doctor, doctorIn, file, one, vip } from '../support/doctor.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';

describe('ipvsd doctor on the servers of a file', () => {
  let net: Topology;
  let director: Host;
  let doctor: Doctor;

  before(async () => {
    net = await createTopology({ reals: 1 });
    director = net.director;
    doctor = doctorIn(net);
    await net.addVirtualAddress(vip);
  });
  after(() => net?.teardown());

  it('finds a real server with another port under gate', async () => {
    const finding = await doctor.findAndMend({
      host: director,
      text: file(`real=${one}:8080 gate 5`),
      check: 'port-change',
      level: 'error',
      what: /doctor\.cf:3: real: gate does not change ports/,
    });
    assert.match(finding.command ?? '', /10\.9\.0\.101:80 gate 5$/);
  });

  it('finds real servers that cannot be reached as the file says', async () => {
    const far = file('real=172.31.0.1:80 gate');
    await doctor.findAndMend({
      host: director,
      text: far,
      check: 'reachable',
      level: 'error',
      what: /there is no route to 172\.31\.0\.1/,
      others: ['same-link'],
      words: { GATEWAY: net.client.ipv4 },
    });
    await doctor.findAndMend({
      host: director,
      text: far,
      check: 'same-link',
      level: 'error',
      what: /172\.31\.0\.1 is behind 10\.9\.0\.11/,
      others: ['tunnel-mtu'],
    });
    await doctor.findAndMend({
      host: director,
      text: file('real=127.0.0.1:80 masq'),
      check: 'local-server',
      level: 'error',
      what: /masq cannot lead clients to 127\.0\.0\.1/,
    });
    const { findings } = await doctor.examine(
      director,
      file('real=10.9.0.1:80 gate'),
      'local-server',
    );
    assert.match(findings[0]?.what ?? '', /10\.9\.0\.1 is this machine itself/);
  });

  it('finds a module that is there and not listed', async () => {
    const modules = '"$(readlink -f "/lib/modules/$(uname -r)")"';
    const cover = `mkdir -p /run/cover/upper /run/cover/work
      mount -t overlay -o lowerdir=${modules},upperdir=/run/cover/upper,workdir=/run/cover/work none ${modules}
      modprobe -r ip_vs_mh
      file=$(find ${modules} -name 'ip_vs_mh.ko*')
      cp "$file" /run/cover
      rm "$file"
      depmod -a
      cp /run/cover/ip_vs_mh.ko* "$file"`;
    await director.exec(['sh', '-euc', cover], { timeoutMs: 300_000 });
    await doctor.findAndMend({
      host: director,
      text: file(`real=${one}:80 gate`, 'scheduler=mh', 'quiescent=no'),
      check: 'modules',
      level: 'error',
      what: /has no module ip_vs_mh, or it is not listed/,
    });
    await director.exec(['sh', '-euc', `umount ${modules}`]);
  });

  it('finds tunnels without room', async () => {
    await doctor.findAndMend({
      host: director,
      text: file(`real=${one}:80 ipip`),
      check: 'tunnel-mtu',
      level: 'warning',
      what: /room for 1480 bytes/,
    });
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, waitForTable } from '../support/ipvsd.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const page = 'all is well';
// nginx has a newline behind it
const digest = createHash('md5').update(`${page}\n`).digest('hex');

const text = `checkinterval = 1
cleanstop = yes

virtual = ${vip}:80
        real = 10.9.0.101:80 gate 3 u:100 l:20
        real = 10.9.0.102:80 gate 3 l:5 u:50
                check = tcp                  # this one alone
                        port = 81
                        timeout = 1
        check = http
                path = /health
                digest = ${digest}
                path = /gone
                status = 404
                timeout = 1
        check = greeting
                timeout = 1
        scheduler = rr

virtual = ${vip}:3868
        protocol = sctp
        real = 10.9.0.101:3868 masq
        checktype = on

virtual = ${vip}:81
        real = 10.9.0.101:81 ipip 2 tun:gue:6080:csum
        real = 10.9.0.102:81 ipip tun:gre
        checktype = on

definecheck = greeting
        send = "GET /health HTTP/1.0\\r\\n\\r\\n"
        expect = "^HTTP/1\\.1 200 OK\\r\\n"
        expect = "\\x61ll is w\\x65ll"
`;

describe('check blocks', () => {
  let net: Topology;
  let servers: readonly NginxServer[];
  let second: NginxServer;
  let ipvsd: Ipvsd;
  let daemon: HostProcess;

  const real = (address: string, weight = 3) => `-a -t ${vip}:80 -r ${address}:80 -g -w ${weight}`;
  const others = [
    `-A -t ${vip}:81 -s wrr`,
    `-a -t ${vip}:81 -r 10.9.0.101:81 -i -w 2 --tun-type gue --tun-port 6080 --tun-csum`,
    `-a -t ${vip}:81 -r 10.9.0.102:81 -i -w 1 --tun-type gre --tun-nocsum`,
    `-A --sctp-service ${vip}:3868 -s wrr`,
    `-a --sctp-service ${vip}:3868 -r 10.9.0.101:3868 -m -w 1`,
  ];
  const table = (...rows: readonly string[]) =>
    waitForTable(net.director, [`-A -t ${vip}:80 -s rr`, ...rows, ...others], 20_000);
  const [one, two] = [real('10.9.0.101'), real('10.9.0.102')];
  const status = async () => (await ipvsd.call('status')).stdout;

  before(async () => {
    net = await createTopology();
    const pages = { '/health': page };
    servers = await Promise.all(net.reals.map((host) => host.nginx({ pages })));
    second = await net.host('real2').nginx({ port: 81, pages });
    await net.addVirtualAddress(vip);
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'blocks.cf', text);
    daemon = await ipvsd.run();
  });
  after(async () => {
    await daemon?.stop();
    await net?.teardown();
  });

  it('all good: all servers are in, SCTP and other tunnels too', async () => {
    await table(one, two);
  });

  it('thresholds stand in either order', async () => {
    const { stdout } = await net.director.exec(['ipvsadm', '-Ln', '--thresholds']);
    assert.match(stdout, /10\.9\.0\.101:80 +100 +20 /);
    assert.match(stdout, /10\.9\.0\.102:80 +50 +5 /);
  });

  it('a page of another digest takes its server out, the old one brings it back', async () => {
    await servers[0]?.setPage('/health', 'all is well?');
    await table(two);
    assert.match(await status(), /10\.9\.0\.101:80 .*down.* but the MD5 digest is/);
    await servers[0]?.setPage('/health', page);
    await table(one, two);
  });

  it('a page that should not be there does as well', async () => {
    await servers[1]?.setPage('/gone', 'here again');
    await table(one);
    await servers[1]?.removePage('/gone');
    await table(one, two);
  });

  it('a check of one server is about that one', async () => {
    await second.kill();
    await table(one);
    await second.start();
    await table(one, two);
  });
});

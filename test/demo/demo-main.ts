import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { Narrator } from './narrator.ts';
import { answerers, answersText, Traffic } from './traffic.ts';

// What the demo shows, scene by scene; runs next to a real IPVS, in namespaces of its own.

const vip = '10.9.0.200';
const [address1, address2] = ['10.9.0.101', '10.9.0.102'];
const patienceMs = 15_000;

const row = (address: string, weight: number) => `-a -t ${vip}:80 -r ${address}:80 -g -w ${weight}`;
const table = (weight1: number, weight2: number, ...more: readonly string[]) => [
  `-A -t ${vip}:80 -s rr`,
  row(address1, weight1),
  row(address2, weight2),
  ...more,
];

const narrator = new Narrator();
const net = await createTopology();
try {
  await show(net);
} catch (error) {
  narrator.claim(false, error instanceof Error ? error.message : String(error));
} finally {
  await net.teardown();
}
process.exitCode = narrator.end();

async function show(net: Topology): Promise<void> {
  narrator.scene('Two web servers (nginx), a director and a client, each a host of its own.');
  const pages = { '/ldirector.html': 'Test Page' };
  const web1 = await net.host('real1').nginx({ pages });
  const web2 = await net.host('real2').nginx({ pages });
  await net.director.nginx({ pages: { '/': 'Sorry, back soon' } });
  await net.addVirtualAddress(vip);
  const text = seed004({ vip, reals: [address1, address2] });
  const ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'ldirectord.cf', text);
  narrator.show(text);

  narrator.scene('ipvsd run ldirectord.cf');
  const daemon = await ipvsd.run();
  narrator.show((await savedTable(net.director)).join('\n'));
  const traffic = await Traffic.start(net.client, `http://${vip}/`);
  try {
    await bothServe(traffic);
    await oneDies(web1, traffic);
    await bothDie(ipvsd, web2, traffic);
    await bothComeBack([web1, web2], traffic);
  } finally {
    await traffic.stop();
  }
  await cleanStop(daemon);
}

async function bothServe(traffic: Traffic): Promise<void> {
  narrator.scene('The client asks through the virtual address, without a pause.');
  const requests = await traffic.next(100);
  const { names, failures } = answerers(requests);
  narrator.show(answersText(requests));
  narrator.claim(names === 'real1 real2' && failures === 0, 'both servers answer');
}

async function oneDies(web1: NginxServer, traffic: Traffic): Promise<void> {
  narrator.scene(`kill -9 of the web server on ${address1}`);
  await web1.kill();
  const outMs = await waitForTable(net.director, table(0, 1), patienceMs);
  const outAtMs = Date.now();
  narrator.show((await savedTable(net.director)).join('\n'));
  await traffic.next(100);
  const after = traffic.since(outAtMs);
  narrator.show(answersText(after));
  narrator.claim(true, `out of service ${Math.round(outMs)} ms after its death`);
  const { names, failures } = answerers(after);
  narrator.claim(names === 'real2' && failures === 0, 'no request failed from then on');
}

async function bothDie(ipvsd: Ipvsd, web2: NginxServer, traffic: Traffic): Promise<void> {
  narrator.scene(`kill -9 of the web server on ${address2} too`);
  await web2.kill();
  const expected = table(0, 0, row('127.0.0.1', 1));
  await waitForTable(net.director, expected, patienceMs);
  const inAtMs = Date.now();
  await traffic.next(50);
  const after = traffic.since(inAtMs);
  narrator.show((await ipvsd.call('status')).stdout);
  const { body } = await net.client.fetch(`http://${vip}/`);
  const { names, failures } = answerers(after);
  narrator.claim(names === 'director1' && failures === 0, `clients see the fallback: "${body}"`);
}

async function bothComeBack(webs: readonly NginxServer[], traffic: Traffic): Promise<void> {
  narrator.scene('Both web servers are started again');
  for (const web of webs) await web.start();
  const backMs = await waitForTable(net.director, table(1, 1), patienceMs);
  const backAtMs = Date.now();
  await traffic.next(100);
  const after = traffic.since(backAtMs);
  narrator.show(answersText(after));
  const { names, failures } = answerers(after);
  const text = `both answer again, ${Math.round(backMs)} ms after the second start`;
  narrator.claim(names === 'real1 real2' && failures === 0, text);
}

async function cleanStop(daemon: HostProcess): Promise<void> {
  narrator.scene('ipvsd is stopped');
  await daemon.stop();
  const left = await savedTable(net.director);
  narrator.claim((await daemon.exited) === 0 && left.length === 0, 'the kernel is clean');
}

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ipvsdOn, program, savedTable, waitForTable } from '../support/ipvsd.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const patienceMs = 60_000;
const silentPorts = 300;
/** Listens on many ports and accepts nothing: the kernel connects, and nobody says a word. */
const silence = `
use IO::Socket::INET;
my @all = map { IO::Socket::INET->new(Listen => 5, LocalPort => $_, ReuseAddr => 1) or die "$_: $!" } 9000 .. 8999 + $ARGV[0];
$| = 1; print "listening\\n"; sleep 600;
`;

const welcome = `
use IO::Socket::INET;
my $server = IO::Socket::INET->new(Listen => 5, LocalPort => 80, ReuseAddr => 1) or die $!;
$| = 1; print "listening\\n"; while (my $client = $server->accept) { close $client }
`;

describe('a daemon with few open files and many servers that do not answer', () => {
  let net: Topology;
  before(async () => {
    net = await createTopology({ clients: 0, reals: 1 });
  });
  after(() => net?.teardown());

  it('goes on checking the good ones, and answers status', async () => {
    const [real] = net.reals;
    assert.ok(real);
    const address = real.ipv4;
    const silent = real.spawn(['perl', '-e', silence, String(silentPorts)]);
    await silent.waitForOutput(/listening/, patienceMs);
    const serve = async () => {
      const server = real.spawn(['perl', '-e', welcome]);
      await server.waitForOutput(/listening/, patienceMs);
      return server;
    };
    const good = await serve();
    const ports = Array.from({ length: silentPorts }, (_, i) => 9000 + i);
    const ipvsd = ipvsdOn(
      net.director,
      `${net.directory}/etc`,
      'crowded.cf',
      `checkinterval=1\nchecktimeout=5\nnegotiatetimeout=5\nquiescent=no\n` +
        `virtual=10.9.0.200:80\n\treal=${address}:80 gate\n\tchecktype=connect\n` +
        `virtual=10.9.0.200:25\n${ports.map((port) => `\treal=${address}:${port} masq\n`).join('')}` +
        `\tchecktype=negotiate\n\tservice=smtp\n`,
    );
    const limited = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, program];
    const daemon = net.director.spawn([...limited, 'run', ipvsd.configPath]);
    await daemon.waitForOutput(/Serving 2 virtual servers/, patienceMs);
    await daemon.waitForOutput(/checks wait for each other, .* with 256 open files/, patienceMs);

    const up = [
      '-A -t 10.9.0.200:25 -s wrr',
      '-A -t 10.9.0.200:80 -s wrr',
      `-a -t 10.9.0.200:80 -r ${address}:80 -g -w 1`,
    ];
    await waitForTable(net.director, up, patienceMs);
    good.signal('SIGKILL');
    await waitForTable(net.director, up.slice(0, 2), patienceMs);
    const { exitCode, stdout } = await ipvsd.call('status', '--json', 'CONFIG');
    assert.equal(exitCode, 0);
    assert.match(stdout, /tcp:10\.9\.0\.200:80/);
    await serve();
    await waitForTable(net.director, up, patienceMs);
    assert.doesNotMatch(daemon.output(), /too many open files/);

    await daemon.stop();
    assert.deepEqual(await savedTable(net.director), []);
  });
});

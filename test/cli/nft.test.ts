import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { program } from '../support/ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

const text = `checkinterval=10
virtual=1
\tmarkfor=10.9.0.200:80
\treal=10.9.0.1 gate
\tchecktype=ping
\tfallback=127.0.0.1:80
`;
const mac = '52:54:00:12:34:5A';

const notOfOneCard = [
  '10.9.0.2',
  '52-54-00-12-34-56',
  '525400123456',
  '00:00:00:00:00:00',
  'ff:ff:ff:ff:ff:ff',
  '01:00:5e:00:00:01',
];

function fileOf(t: TestContext, content: string): string {
  const path = join(temporaryDirectory(t), 'two.cf');
  writeFileSync(path, content);
  return path;
}

/**
 * Another machine on `eth0`, here 10.9.0.200, that opens a connection from each of two cards, the
 * peer's first. Nobody listens here.
 */
const twoCards = (peer: string, other: string) => `
mount -t tmpfs none /run
ip netns add sender
ip link add eth0 type veth peer name eth0 netns sender
ip addr add 10.9.0.200/24 dev eth0
ip link set eth0 up
for card in ${peer} ${other}; do
  ip -n sender link set eth0 down address $card
  ip -n sender addr replace 10.9.0.2/24 dev eth0
  ip -n sender link set eth0 up
  ip netns exec sender bash -c 'exec 3<>/dev/tcp/10.9.0.200/80' 2>&1 | grep -o refused
done`;

/** Behind the rules: what came from each card, and what of it has the mark. */
const counting = (peer: string, other: string) => `table inet seen {
  chain after {
    type filter hook prerouting priority -149;
    ether saddr ${peer} tcp dport 80 meta mark 0 counter comment "peer, unmarked"
    ether saddr ${peer} tcp dport 80 meta mark 1 counter comment "peer, marked"
    ether saddr ${other} tcp dport 80 meta mark 0 counter comment "other, unmarked"
    ether saddr ${other} tcp dport 80 meta mark 1 counter comment "other, marked"
  }
}
`;

/** What two directors do with these marks is in test/kernel/two-node.test.ts. */
describe('ipvsd nft', () => {
  it('prints rules', async (t) => {
    const { exitCode, stdout } = await callIpvsd('nft', fileOf(t, text), '--peer-mac', mac);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^table inet ipvsd-two\.cf$/m);
    assert.match(stdout, /^\t\tether saddr \{ 52:54:00:12:34:5a \} return$/m);
    assert.match(stdout, /^\t\tip daddr 10\.9\.0\.200 tcp dport 80 meta mark set 1$/m);
  });

  it('says what is wrong with a call', async (t) => {
    const path = fileOf(t, text);
    const noMarks = fileOf(t, text.replace(/\tmarkfor.*\n/, ''));
    const wrong: readonly (readonly [words: readonly string[], message: string])[] = [
      [[], 'nft: expected exactly one CONFIG'],
      ...notOfOneCard.map((text): readonly [readonly string[], string] => [
        [path, '--peer-mac', text],
        `nft: --peer-mac: expected the address of one card like 52:54:00:12:34:56, got "${text}"`,
      ]),
      [[path, '--remove', '--apply'], 'nft: --remove stands alone'],
      [[noMarks], `nft: ${noMarks}: expected a "markfor" in the section of a mark`],
    ];
    for (const [words, message] of wrong) {
      const { exitCode, stdout, stderr } = await callIpvsd('nft', ...words);
      assert.deepEqual([exitCode, stdout, stderr], [1, '', `ipvsd: ${message}\n`]);
    }
    const broken = fileOf(t, `${text}nonsense=1\n`);
    assert.equal((await callIpvsd('nft', broken)).exitCode, 2);
  });

  it('gives the kernel a table for each file, whatever its name', async (t) => {
    const own = (...words: readonly string[]) =>
      execa('unshare', ['-rn', ...words], { reject: false });
    const { exitCode } = await own('nft', 'add', 'table', 'inet', 'x');
    if (exitCode !== 0) return t.skip('this kernel has no nftables of family inet for us');
    const folder = temporaryDirectory(t);
    const names = ['a b', 'a_b', 'x'.repeat(255), `${'x'.repeat(254)}y`];
    for (const name of names) writeFileSync(join(folder, name), text);
    const script = `for file in "$1"/*; do "${process.execPath}" "${program}" nft "$file" --apply; done
      nft list tables`;
    const { stdout, stderr } = await own('sh', '-euc', script, 'sh', folder);
    const tables = stdout.split('\n');
    assert.deepEqual([tables.length, new Set(tables).size], [names.length, names.length], stderr);
  });

  it('has its rules in the kernel once, also when applied twice, and removes them twice', async (t) => {
    const own = (...words: readonly string[]) =>
      execa('unshare', ['-rn', ...words], { reject: false });
    const { exitCode } = await own('nft', 'add', 'table', 'inet', 'x');
    if (exitCode !== 0) return t.skip('this kernel has no nftables of family inet for us');
    const path = fileOf(t, text);
    const ipvsd = `"${process.execPath}" "${program}" nft "${path}"`;
    const script = [
      `${ipvsd} --apply`,
      `${ipvsd} --peer-mac ${mac} --apply`,
      'nft list ruleset',
      // as an operator may do it first
      `rm "${path}"`,
      'echo removed',
      `${ipvsd} --remove`,
      `${ipvsd} --remove`,
      'nft list ruleset',
    ];
    const { stdout, stderr } = await own('sh', '-euc', script.join('\n'));
    assert.equal(
      stdout.replaceAll(/0x0+/g, ''),
      `table inet ipvsd-two.cf {
	chain marks {
		type filter hook prerouting priority mangle; policy accept;
		ether saddr 52:54:00:12:34:5a return
		ip daddr 10.9.0.200 tcp dport 80 meta mark set 1
	}
}
removed`,
      stderr,
    );
  });

  it('marks packets of everybody but of the peer', async (t) => {
    const own = (...words: readonly string[]) =>
      execa('unshare', ['-rnm', ...words], { reject: false });
    const { exitCode } = await own('nft', 'add', 'table', 'inet', 'x');
    if (exitCode !== 0) return t.skip('this kernel has no nftables of family inet for us');
    const other = '52:54:00:12:34:5b';
    const script = [
      `"${process.execPath}" "${program}" nft "${fileOf(t, text)}" --peer-mac ${mac} --apply`,
      `nft -f "${fileOf(t, counting(mac, other))}"`,
      twoCards(mac, other),
      'nft list table inet seen',
    ];
    const { stdout, stderr } = await own('sh', '-euc', script.join('\n'));
    const seen = [...stdout.matchAll(/counter packets ([1-9]).* comment "(.*)"/g)];
    assert.deepEqual(
      seen.map(([, , what]) => what),
      ['peer, unmarked', 'other, marked'],
      `${stdout}${stderr}`,
    );
  });
});

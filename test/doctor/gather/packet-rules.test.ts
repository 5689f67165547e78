import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import type { Examined } from '../../../src/doctor/finding.ts';
import { section } from '../../support/doctor.ts';
import { program } from '../../support/ipvsd.ts';
import { examineOwnNetwork, hide, inOwnNetwork } from '../../support/own-network.ts';
import { temporaryDirectory } from '../../support/script.ts';

const native = `table ip own {
  chain called {
    tcp dport 80 redirect to :8081
  }
  chain in {
    type nat hook prerouting priority dstnat;
    ip daddr 10.9.0.0/24 tcp dport { 22, 80-90 } counter dnat to 10.9.0.102:80
    ip daddr 10.9.0.201 dnat to 10.9.0.102
    dnat ip to tcp dport map { 81 : 10.9.0.102 }
    limit rate 10/second tcp dport 80 redirect to :8080
    iifname "eth9" jump called
  }
}
table ip6 nat {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    tcp dport 80 redirect to :8080
  }
}
`;
const nativeFound = [
  'warning a redirect may take its packets: ip own called: tcp dport 80 redirect',
  'error DNAT takes its packets: ip own in: daddr 10.9.0.0/24 tcp dport 22,80-90 dnat',
  'warning DNAT may take its packets: ip own in: dnat',
  'warning a redirect may take its packets: ip own in: tcp dport 80 redirect',
  'error a redirect takes its packets: ip6 nat prerouting: tcp dport 80 redirect',
];
const dnat = '-j DNAT --to-destination 10.9.0.102';
const overNftables = `
iptables-nft -t nat -A PREROUTING -d 10.9.0.200 -p tcp -m multiport --dports 80,90 -m comment --comment 'a "b"' ${dnat}
iptables-nft -t nat -N WEB
iptables-nft -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j WEB
iptables-nft -t nat -A WEB -p tcp --dport 80 -j REDIRECT --to-ports 8080
`;
const legacy = `
iptables-legacy -t nat -A PREROUTING -d 10.9.0.200 ${dnat}
ip6tables-legacy -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080
`;
const legacyFound = [
  'error DNAT takes its packets: iptables-legacy nat PREROUTING: -d 10.9.0.200/32 -j DNAT --to-destination 10.9.0.102',
  'error a redirect takes its packets: ip6tables-legacy nat PREROUTING: -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080',
];
/** As somebody has them who marks packets himself. */
const marks = `table inet own {
  chain in {
    type filter hook prerouting priority mangle;
    ip daddr 10.9.0.200 meta l4proto tcp meta mark set 0x7
  }
}
`;
const addressed =
  section('10.9.0.200:80', 'real=10.9.0.101:80 gate') +
  section('[fd00:9::200]:80', 'real6=[fd00:9::101]:80 gate').replace('virtual=', 'virtual6=');
const nodes = section(
  '1',
  'markfor=10.9.0.200:80',
  'real=10.9.0.1:80 gate',
  'real=10.9.0.2:80 gate',
);
/** A machine that has heard the other one of them, and knows the word of commands. */
const twoNodes = `ipvsd() { "${process.execPath}" "${program}" "$@"; }
ip link add eth0 type veth peer name other
ip link set eth0 up
ip addr add 10.9.0.1/24 dev eth0
ip neigh add 10.9.0.2 lladdr 52:54:00:00:00:02 dev eth0
`;
const marked = section('7', 'real=10.9.0.101:80 gate');

const natRules = async (t: TestContext, script: string) =>
  (await examineOwnNetwork(t, addressed, script))('nat-rules');
const markRules = async (t: TestContext, script: string) =>
  (await examineOwnNetwork(t, marked, script))('mark-rules');
const linesOf = ({ findings }: Examined) =>
  findings.map(({ level, what }) => `${level} ${what.replaceAll(/ \(handle \d+\)/g, '')}`);
const commandsOf = ({ findings }: Examined) =>
  findings.map(({ command = 'false' }) => command).join('\n');

function loading(t: TestContext, text: string): string {
  const file = path.join(temporaryDirectory(t), 'rules.nft');
  writeFileSync(file, text);
  return `nft -f "${file}"\n`;
}

/** Of the running kernel: that of the kernel tier has nftables for bridges alone. */
describe('rules of packets in a kernel', () => {
  let missing: string | undefined;

  before(async () => {
    const list = ['iptables-legacy', 'iptables-nft'].map((name) => `${name} -t nat -S`);
    const tried = await inOwnNetwork(['nft add table ip trial', ...list].join('\n'));
    if (tried.exitCode !== 0) missing = tried.stderr || tried.shortMessage;
  });

  it('are found of every kind, each once, and removed by the commands', async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const load = loading(t, native) + overNftables + legacy;
    const found = await natRules(t, load);
    assert.equal(found.outcome, 'found');
    assert.deepEqual(linesOf(found), [
      `error DNAT takes its packets: iptables nat PREROUTING: -d 10.9.0.200/32 -p tcp -m multiport --dports 80,90 -m comment --comment "a \\"b\\"" ${dnat}`,
      'warning a redirect may take its packets: iptables nat WEB: -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080',
      ...legacyFound,
      ...nativeFound,
    ]);
    const mended = await natRules(t, load + commandsOf(found));
    assert.deepEqual([mended.outcome, mended.findings], ['passed', []]);
  });

  it('are found by nft where iptables-nft is not installed', async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const load = overNftables + hide('iptables-nft');
    const found = await natRules(t, load);
    assert.deepEqual(linesOf(found), [
      'warning DNAT may take its packets: ip nat PREROUTING: daddr 10.9.0.200 tcp dnat',
      'warning a redirect may take its packets: ip nat WEB: tcp dport 80 redirect',
    ]);
    assert.equal((await natRules(t, load + commandsOf(found))).outcome, 'passed');
  });

  it('are told as far as they are seen, and what is missing for the rest', async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const withoutNft = await natRules(t, loading(t, native) + legacy + hide('nft'));
    assert.equal(withoutNft.outcome, 'found');
    const unseen = 'info not looked at, because nft is not installed';
    assert.deepEqual(linesOf(withoutNft), [...legacyFound, unseen]);
    assert.equal(withoutNft.findings.at(-1)?.command, 'apt-get install nftables');

    const withoutLegacy = await natRules(t, legacy + hide('iptables-legacy'));
    assert.equal(withoutLegacy.outcome, 'not looked at');
    assert.deepEqual(linesOf(withoutLegacy), [
      'info not looked at, because iptables-legacy-save is not installed',
    ]);
    assert.equal(commandsOf(withoutLegacy), 'apt-get install iptables');
    // a kernel without rules of it needs no program that tells them
    assert.equal((await natRules(t, hide('iptables-legacy'))).outcome, 'passed');
  });

  it('are missing for a mark until the command adds one', async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const found = await markRules(t, ':');
    assert.equal(found.outcome, 'found');
    const command = commandsOf(found).replace('ADDRESS', '10.9.0.200').replace('PORT', '80');
    assert.equal((await markRules(t, command)).outcome, 'passed');
    assert.equal((await markRules(t, loading(t, marks))).outcome, 'passed');
    const unseen = await markRules(t, hide('nft'));
    assert.equal(unseen.outcome, 'not looked at');
    assert.equal(commandsOf(unseen), 'apt-get install nftables');
  });

  it('mark what the other one of two nodes sends on until the command spares it', async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const examine = (script: string) => examineOwnNetwork(t, nodes, twoNodes + script);
    const bare = await examine(':');
    assert.equal(bare('two-node-marks').outcome, 'passed');
    const command = commandsOf(bare('mark-rules'));
    assert.match(command, /^ipvsd nft \S+ --peer-mac 52:54:00:00:00:02 --apply$/);
    // as it was given without the address of the other one
    const wrong = await examine(command.replace(/ --peer-mac \S+/, ''));
    assert.equal(wrong('mark-rules').outcome, 'passed');
    assert.equal(wrong('two-node-marks').outcome, 'found');
    for (const mended of [command, commandsOf(wrong('two-node-marks'))]) {
      const after = await examine(mended);
      assert.equal(after('mark-rules').outcome, 'passed');
      assert.deepEqual(after('two-node-marks').findings, []);
      assert.equal(after('two-node-marks').outcome, 'passed');
    }
    const load = (line: string) =>
      `iptables-nft -t mangle -A PREROUTING -m mac ${line}\n` +
      'iptables-nft -t mangle -A PREROUTING -d 10.9.0.200 -j MARK --set-mark 1\n';
    const outcome = async (line: string) => (await examine(load(line)))('two-node-marks').outcome;
    assert.equal(await outcome('--mac-source 52:54:00:00:00:02 -j RETURN'), 'passed');
    assert.equal(await outcome('--mac-source 52:54:00:00:00:03 -j RETURN'), 'found');
  });
});

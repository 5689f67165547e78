import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { section } from '../../support/doctor.ts';
import { program } from '../../support/ipvsd.ts';
import { examineOwnNetwork, hide, inOwnNetwork } from '../../support/own-network.ts';
import { temporaryDirectory } from '../../support/script.ts';

const text = section('10.9.0.200:80', 'real=10.9.0.101:80 masq', 'real=10.9.0.102:80 gate');
const network = `
ip link add eth0 type veth peer name other
for address in 10.9.0.1/24 10.9.0.200/32; do ip addr add $address dev eth0; done
for name in lo eth0 other; do ip link set $name up; done
`;

/** What packet filters leave untold is in packet-rules.test.ts. */
describe('a program that doctor needs and that is missing', () => {
  let missing: string | undefined;

  before(async () => {
    const tried = await inOwnNetwork(`${network}${hide('arping', 'ip')}`);
    if (tried.exitCode !== 0) missing = tried.stderr || tried.shortMessage;
  });

  for (const [name, reason, install, checks] of [
    [
      'ip',
      'ip is not installed',
      'apt-get install iproute2',
      [
        'virtual-address',
        'address-conflict',
        'reachable',
        'same-link',
        'local-server',
        'redirects',
        'return-path',
        'reverse-path',
      ],
    ],
    [
      'arping',
      'arping (of iputils) is not installed',
      'apt-get install iputils-arping',
      ['address-conflict'],
    ],
  ] as const) {
    it(`is named with the command that installs it: ${name}`, async (t) => {
      if (missing !== undefined) return t.skip(missing);
      const seen = await examineOwnNetwork(t, text, network);
      const blind = await examineOwnNetwork(t, text, network + hide(name));
      for (const check of checks) {
        const { outcome, findings } = blind(check);
        assert.equal(outcome, 'not looked at', check);
        assert.match(findings[0]?.what ?? '', /\bnot looked at, because /);
        assert.ok(findings[0]?.what.endsWith(reason), findings[0]?.what);
        assert.equal(findings[0]?.command, install);
        assert.ok(!seen(check).findings.some(({ what }) => what.includes(reason)), check);
      }
    });
  }

  it('ends a comparison with another director', async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const file = path.join(temporaryDirectory(t), 'a.cf');
    writeFileSync(file, text);
    const call = `"${process.execPath}" "${program}" doctor "${file}" --peer 10.9.0.2`;
    const { exitCode, stdout, stderr } = await inOwnNetwork(`${hide('ssh')}${call}`);
    const message = 'ipvsd: doctor: --peer 10.9.0.2: ssh is not installed';
    assert.deepEqual([exitCode, stdout, stderr], [2, '', message]);
  });
});

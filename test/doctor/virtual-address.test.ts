import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { config, real, virtual } from '../support/builders.ts';
import { direct, ether, facts, loopback, network } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const file = config(virtual());
const place = 'tcp:10.9.0.30:80';
const link = '02:00:00:00:00:02';

describe('virtual-address', () => {
  const routes = { ...network().routes, '10.9.0.30': direct };
  const eth0 = ether('eth0', '10.9.0.1/24');
  const elsewhere = { value: network({ interfaces: [loopback(), eth0], routes }) };
  const seen = (answers: ReturnType<typeof facts>['answers'][string]) =>
    verdict(
      'virtual-address',
      file,
      facts({ network: elsewhere, answers: { '10.9.0.30': answers } }),
    );
  const mend = 'ip addr add 10.9.0.30/32 dev eth0';

  it('passes where the address is delivered locally, be it by a route alone', () => {
    assert.deepEqual(verdict('virtual-address', file, facts()), ['passed']);
    const routed = network({ interfaces: [loopback(), ether('eth0', '10.9.0.1/24')] });
    assert.deepEqual(verdict('virtual-address', file, facts({ network: { value: routed } })), [
      'passed',
    ]);
  });

  it('is an error with nobody else, a warning when that is not known, an info on the standby', () => {
    assert.deepEqual(seen({ value: [] }), ['found', `error ${place}: ${mend}`]);
    assert.deepEqual(seen({ unknown: 'no arping' }), ['found', `warning ${place}: ${mend}`]);
    assert.deepEqual(seen({ value: [link] }), ['passed', `info ${place}: no command`]);
  });

  it('is an error on an interface that is down, which takes it once it is up', () => {
    const down = { ...ether('eth1', '10.9.0.30/32'), up: false };
    const held = facts({ network: { value: network({ interfaces: [eth0, down], routes }) } });
    assert.deepEqual(verdict('virtual-address', file, held), [
      'found',
      `error ${place}: ip link set dev eth1 up`,
    ]);
  });

  it('takes the way out where there is no route, and the length of an IPv6 address', () => {
    const id = { family: 'inet6', protocol: 'tcp', address: 'fd00::30', port: 80 } as const;
    const [, finding] = verdict('virtual-address', config(virtual({ id })), facts());
    assert.equal(finding, 'warning tcp:[fd00::30]:80: ip addr add fd00::30/128 dev eth0');
  });

  it('is not needed for marks, and not looked at without ip', () => {
    const marked = config(virtual({ id: { family: 'inet', fwmark: 5 } }));
    assert.deepEqual(verdict('virtual-address', marked, facts()), ['not needed']);
    const blind = facts({ network: { unknown: 'ip (iproute2) is not installed' } });
    assert.equal(judge('virtual-address', file, blind).outcome, 'not looked at');
  });
});

describe('address-conflict', () => {
  const heard = (neighbours: Record<string, readonly string[]>) =>
    judge(
      'address-conflict',
      file,
      facts({
        answers: { '10.9.0.30': { value: [link] } },
        network: { value: network({ neighbours }) },
      }),
    ).findings[0];

  it('names the real server that answers, and what to set there', () => {
    const finding = heard({ [link]: ['10.9.0.2', 'fe80::2'] });
    assert.equal(finding?.level, 'error');
    assert.equal(finding?.on, '10.9.0.2');
    const set = 'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2';
    assert.equal(finding?.command, set);
  });

  it('names another machine by what is known of it', () => {
    assert.equal(heard({ [link]: ['10.9.0.9'] })?.on, '10.9.0.9');
    assert.equal(heard({})?.on, `the machine with ${link}`);
    assert.equal(heard({})?.command, 'ip addr del 10.9.0.30/32 dev INTERFACE');
  });

  it('says when nobody was asked, and how that can be mended', () => {
    const reason = 'arping (of iputils) is not installed';
    const command = 'apt-get install iputils-arping';
    const blind = facts({ answers: { '10.9.0.30': { unknown: reason, command } } });
    assert.deepEqual(verdict('address-conflict', file, blind), [
      'not looked at',
      'info 10.9.0.30: apt-get install iputils-arping',
    ]);
  });

  it('finds an IPv6 address that the kernel gave up', () => {
    const id = { family: 'inet6', protocol: 'tcp', address: 'fd00::30', port: 80 } as const;
    const eth0 = ether('eth0', 'fd00::30/64');
    const addresses = eth0.addresses.map((one) => ({ ...one, duplicate: true }));
    // its route is that of the whole network
    const routes = { 'fd00::30': direct };
    const seen = facts({
      network: { value: network({ interfaces: [{ ...eth0, addresses }], routes }) },
      answers: { 'fd00::30': { value: [] } },
    });
    const mend = 'ip addr del fd00::30/64 dev eth0 && ip addr add fd00::30/64 dev eth0';
    assert.deepEqual(verdict('address-conflict', config(virtual({ id })), seen), [
      'found',
      `error tcp:[fd00::30]:80: ${mend}`,
    ]);
    assert.deepEqual(verdict('virtual-address', config(virtual({ id })), seen), ['passed']);
  });

  it('is not needed where the address is another machine’s', () => {
    const routes = { ...network().routes, '10.9.0.30': direct };
    const away = network({ interfaces: [ether('eth0', '10.9.0.1/24')], routes });
    const seen = facts({ network: { value: away } });
    assert.deepEqual(
      verdict('address-conflict', config(virtual({ reals: [real('10.9.0.2')] })), seen),
      ['not needed'],
    );
  });
});

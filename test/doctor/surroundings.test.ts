import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VirtualId } from '../../src/config/model.ts';
import type { Manager } from '../../src/doctor/facts.ts';
import { config, virtual } from '../support/builders.ts';
import { facts } from '../support/doctor-facts.ts';
import { verdict } from '../support/judge.ts';

const file = config(virtual());
const manager = (changes: Partial<Manager>): Manager => ({
  program: 'keepalived',
  pid: 7,
  config: '/etc/keepalived/keepalived.conf',
  services: { value: ['tcp:10.9.0.30:80', 'tcp:10.9.0.31:80'] },
  ...changes,
});
const seen = (changes: Partial<Manager>) =>
  verdict('other-managers', file, facts({ managers: [manager(changes)] }));

describe('other-managers', () => {
  it('finds those that keep the same services', () => {
    assert.deepEqual(seen({}), [
      'found',
      'error keepalived (process 7, /etc/keepalived/keepalived.conf): systemctl disable --now keepalived',
    ]);
    assert.deepEqual(seen({ services: { value: ['tcp:10.9.0.31:80'] } }), ['passed']);
    const vrrpOnly = (text: string) =>
      `error keepalived (process 7, /etc/keepalived/keepalived.conf): echo '${text}' >>/etc/default/keepalived && systemctl restart keepalived`;
    assert.equal(seen({ vrrp: [] })[1], vrrpOnly('DAEMON_ARGS="--vrrp"'));
    assert.equal(seen({ vrrp: ['-D', '-l'] })[1], vrrpOnly('DAEMON_ARGS="-D -l --vrrp"'));
    assert.deepEqual(seen({ program: 'ldirectord', config: '/etc/ha.d/a.cf' }), [
      'found',
      'error ldirectord (process 7, /etc/ha.d/a.cf): /usr/sbin/ldirectord /etc/ha.d/a.cf stop',
    ]);
  });

  it('takes the daemon of the file itself for well, and another one not', () => {
    assert.deepEqual(seen({ program: 'ipvsd', config: 'test.cf' }), ['passed']);
    assert.equal(
      seen({ program: 'ipvsd', config: 'b.cf' })[1],
      'error ipvsd (process 7, b.cf): ipvsd b.cf stop',
    );
  });

  it('tells protocols apart, and families of marks', () => {
    const beside = (id: VirtualId, ...value: readonly string[]) => {
      const managers = [manager({ program: 'ipvsd', config: 'b.cf', services: { value } })];
      return verdict('other-managers', config(virtual({ id })), facts({ managers }))[0];
    };
    const dns = { family: 'inet', protocol: 'udp', address: '10.9.0.30', port: 53 } as const;
    assert.equal(beside(dns, 'tcp:10.9.0.30:53', 'sctp:10.9.0.30:53'), 'passed');
    assert.equal(beside(dns, 'udp:10.9.0.30:53'), 'found');
    assert.equal(beside({ ...dns, protocol: 'sctp' }, 'sctp:10.9.0.30:53'), 'found');
    assert.equal(beside({ family: 'inet', fwmark: 5 }, 'fwm6:5'), 'passed');
    assert.equal(beside({ family: 'inet', fwmark: 5 }, 'fwm:5'), 'found');
  });

  it('says what it could not read', () => {
    const [outcome, finding] = seen({ services: { unknown: 'its file has errors' } });
    assert.equal(outcome, 'not looked at');
    assert.match(finding ?? '', /^info keepalived /);
  });
});

describe('packages', () => {
  it('names each with its installation', () => {
    const missing = facts({ missingPackages: ['ldapts'] });
    assert.deepEqual(verdict('packages', file, missing), [
      'found',
      'error ldapts: npm install -g ldapts',
    ]);
  });
});

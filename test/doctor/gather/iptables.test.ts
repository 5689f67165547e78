import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { savedRules } from '../../../src/doctor/gather/iptables.ts';

const saved = (table: string, ...lines: readonly string[]): string =>
  [`*${table}`, ':PREROUTING ACCEPT [0:0]', ...lines, 'COMMIT', ''].join('\n');

describe('rules of iptables', () => {
  it('are understood by address, protocol and port, with the command that removes them', () => {
    const rest = '-d 10.9.0.200/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.9.0.2:8080';
    assert.deepEqual(savedRules(saved('nat', `-A PREROUTING ${rest}`), 'iptables'), [
      {
        action: 'dnat',
        destinations: ['10.9.0.200/32'],
        protocol: 'tcp',
        ports: [[80, 80]],
        whole: true,
        text: `iptables nat PREROUTING: ${rest}`,
        removal: `iptables -t nat -D PREROUTING ${rest}`,
      },
    ]);
  });

  it('may name several ports, and chains of their own', () => {
    const line = '-A WEB -p udp -m multiport --dports 53,80:90 -j REDIRECT --to-ports 1';
    const [rule] = savedRules(saved('nat', ':WEB - [0:0]', line), 'ip6tables');
    assert.deepEqual(rule?.ports, [
      [53, 53],
      [80, 90],
    ]);
    assert.equal(rule?.removal.startsWith('ip6tables -t nat -D WEB '), true);
  });

  it('are not whole when negated or with conditions besides', () => {
    const rules = savedRules(
      saved(
        'nat',
        '-A PREROUTING ! -d 10.9.0.200/32 -j DNAT --to-destination 10.9.0.2',
        '-A PREROUTING -i eth0 -p tcp -j DNAT --to-destination 10.9.0.2',
        '-A PREROUTING -m addrtype --dst-type LOCAL -j REDIRECT',
        '-A PREROUTING -p tcp -m comment --comment "with -i in it" -j REDIRECT',
      ),
      'iptables',
    );
    assert.deepEqual(
      rules.map(({ whole, destinations }) => [whole, destinations]),
      [
        [false, undefined],
        [false, undefined],
        [false, undefined],
        [true, undefined],
      ],
    );
  });

  it('tell marks, and leave out what is not on the way in', () => {
    const text = saved(
      'mangle',
      '-A PREROUTING -d 10.9.0.200/32 -j MARK --set-xmark 0x7/0xffffffff',
      '-A OUTPUT -j MARK --set-xmark 0x8/0xffffffff',
      '-A PREROUTING -j ACCEPT',
    );
    assert.deepEqual(
      savedRules(text, 'iptables').map(({ action, mark }) => [action, mark]),
      [['mark', 7]],
    );
  });

  it('tell whose packets get no mark', () => {
    const set = '-j MARK --set-xmark 0x7/0xffffffff';
    const rules = savedRules(
      saved(
        'mangle',
        '-A OTHER -m mac --mac-source 52:54:00:00:00:0D -j RETURN',
        `-A PREROUTING ${set}`,
        '-A PREROUTING -m mac --mac-source 52:54:00:00:00:0A -j RETURN',
        '-A PREROUTING -m mac --mac-source 52:54:00:00:00:0B -j LOG',
        '-A PREROUTING -m mac ! --mac-source 52:54:00:00:00:0B -j ACCEPT',
        `-A PREROUTING -d 10.9.0.200/32 ${set}`,
        `-A PREROUTING -m mac ! --mac-source 52:54:00:00:00:0C ${set}`,
      ),
      'iptables',
    );
    const first = '52:54:00:00:00:0a';
    assert.deepEqual(
      rules.map(({ spared }) => spared),
      [undefined, [first], [first, '52:54:00:00:00:0c']],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../src/config/load.ts';

/** The words between pid and `[up]` that ldirectord 4.12.0 wrote for these sections. */
const recorded: readonly [readonly string[], string][] = [
  [
    [
      'virtual=10.9.0.200:80',
      'real=10.9.0.101:80 gate',
      'service=http',
      'request="index.html"',
      'receive="real."',
      'virtualhost=www.x.y.z',
    ],
    'negotiate http tcp 10.9.0.101 80 www.x.y.z 1 gate /index.html real.',
  ],
  [
    [
      'virtual=10.9.0.200:81',
      'real=10.9.0.101:80 masq 5',
      'checkport=80',
      'service=http',
      'request="a.b?c=1:2"',
    ],
    'negotiate http tcp 10.9.0.101 80 80 5 masq /a.b?c=1 2 ',
  ],
  [
    ['virtual=10.9.0.200:82', 'real=10.9.0.101:80 masq', 'checktype=connect'],
    'connect tcp 10.9.0.101 80 1 masq / ',
  ],
  [
    [
      'virtual=10.9.0.200:83',
      'real=10.9.0.101 masq',
      'checktype=external',
      'checkcommand=/bin/true',
    ],
    'external /bin/true tcp 10.9.0.101 0 1 masq / ',
  ],
  [
    [
      'virtual=10.9.0.200:84',
      'real=10.9.0.101:80 gate "x", "real1"',
      'checktype=3',
      'service=http',
    ],
    'combined http tcp 10.9.0.101 80 1 gate /x real1',
  ],
  [
    ['virtual=7', 'real=10.9.0.101:80 gate', 'checktype=connect'],
    'connect fwm 10.9.0.101 80 1 gate / ',
  ],
  [
    ['virtual6=[fd00:9::200]:80', 'real6=[fd00:9::101]:80 gate', 'checktype=connect'],
    'connect tcp [fd00 9 101] 80 1 gate / ',
  ],
  [
    ['virtual=10.9.0.200:85', 'real=10.9.0.101:80 gate', 'checktype=ping'],
    'ping tcp 10.9.0.101 80 1 gate / ',
  ],
  [
    ['virtual=10.9.0.200:86', 'protocol=udp', 'real=10.9.0.101:80 gate', 'checktype=connect'],
    'connect udp 10.9.0.101 80 1 gate / ',
  ],
  [
    [
      'virtual=10.9.0.200:88',
      'real=10.9.0.101:80 gate',
      'service=simpletcp',
      'request="GET /"',
      'receive="a+(b|c)"',
    ],
    'negotiate simpletcp tcp 10.9.0.101 80 1 gate /GET / a+(b|c)',
  ],
];

describe('checkIdentity', () => {
  for (const [lines, identity] of recorded) {
    it(identity, async () => {
      const text = `${[...lines, 'monitorfile=/tmp/m'].join('\n\t')}\n`;
      const { config, diagnostics } = await parseConfig(text, 'a.cf');
      assert.equal(
        config?.virtuals[0]?.reals[0]?.checks[0]?.identity,
        identity,
        JSON.stringify(diagnostics),
      );
    });
  }

  it('is left out where there is no monitorfile', async () => {
    const { config } = await parseConfig('virtual=10.9.0.1:80\n\treal=10.9.0.2 gate\n', 'a.cf');
    assert.equal('identity' in (config?.virtuals[0]?.reals[0]?.checks[0] ?? {}), false);
  });
});

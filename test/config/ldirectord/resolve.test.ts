import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckDefinition } from '../../../src/config/check-model.ts';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { VirtualServer } from '../../../src/config/model.ts';
import { fakeResolver } from '../../support/config-fixtures.ts';

async function virtualOf(text: string): Promise<VirtualServer> {
  const options = { resolver: fakeResolver(), hostname: 'balancer' };
  const { config, diagnostics } = await parseConfig(text, 'a.cf', options);
  const [virtual] = config?.virtuals ?? [];
  assert.ok(virtual !== undefined, diagnostics.map(diagnosticLine).join('\n'));
  return virtual;
}

async function checkOf(address: string, real: string, ...lines: readonly string[]) {
  const indented = [`real=${real}`, ...lines].map((line) => `\t${line}\n`).join('');
  const virtual = await virtualOf(`virtual=${address}\n${indented}`);
  const check = virtual.reals[0]?.checks[0]?.definition;
  assert.ok(check !== undefined);
  return check;
}

function timeoutOf(check: CheckDefinition): number | undefined {
  return 'timeoutMs' in check ? check.timeoutMs : undefined;
}

describe('timeouts', () => {
  const c = 'checktimeout=';
  const n = 'negotiatetimeout=';
  const rows: readonly (readonly [
    globals: string,
    own: string,
    check: number,
    negotiate: number,
  ])[] = [
    ['', '', 5, 30],
    [`${c}7`, '', 7, 7],
    [`${n}8`, '', 8, 8],
    [`${c}7 ${n}8`, '', 7, 8],
    ['', `${c}3`, 3, 3],
    ['', `${n}4`, 4, 4],
    ['', `${c}3 ${n}4`, 3, 4],
    [`${c}7 ${n}8`, `${c}3`, 3, 3],
    [`${c}7 ${n}8`, `${n}4`, 4, 4],
    [`${c}7`, `${n}4`, 4, 4],
    [`${n}8`, `${c}3`, 3, 3],
  ];
  for (const [globals, own, check, negotiate] of rows) {
    it(`global "${globals}", section "${own}": ${check} and ${negotiate} s`, async () => {
      const lines = (text: string, indent: string) =>
        text
          .split(' ')
          .flatMap((word) => (word === '' ? [] : [`${indent}${word}\n`]))
          .join('');
      const section = (type: string) =>
        `${lines(globals, '')}virtual=10.9.0.1:80\n\treal=10.9.0.2:80 gate\n\tchecktype=${type}\n${lines(own, '\t')}`;
      const seconds = async (type: string) => {
        const virtual = await virtualOf(section(type));
        const check = virtual.reals[0]?.checks[0];
        assert.ok(check !== undefined);
        return (timeoutOf(check.definition) ?? 0) / 1000;
      };
      assert.equal(await seconds('connect'), check);
      assert.equal(await seconds('ping'), check);
      assert.equal(await seconds('external'), check);
      assert.equal(await seconds('negotiate'), negotiate);
      assert.equal(await seconds('negotiate\n\tservice=ldap'), check);
      assert.equal(await seconds('negotiate\n\tservice=radius'), check);
    });
  }
});

describe('the port of a check', () => {
  const rows: readonly (readonly [virtual: string, real: string, lines: string, port: number])[] = [
    ['10.9.0.1:80', '10.9.0.2:8080 masq', 'checktype=connect', 8080],
    ['10.9.0.1:80', '10.9.0.2:8080 masq', 'checkport=81', 81],
    ['10.9.0.1:80', '10.9.0.2 masq', 'service=https', 443],
    ['10.9.0.1:8080', '10.9.0.2 masq', 'checktype=connect', 8080],
    ['10.9.0.1:8080', '10.9.0.2 masq', 'service=simpletcp', 8080],
    ['5', '10.9.0.2 masq', 'service=http', 80],
    ['5', '10.9.0.2:81 masq', 'checktype=connect', 81],
  ];
  for (const [virtual, real, line, port] of rows) {
    it(`of ${real} under ${virtual} with ${line} is ${port}`, async () => {
      const check = await checkOf(virtual, real, line);
      assert.ok('target' in check);
      assert.equal(check.target.port, port);
    });
  }

  it('is not needed where nothing is asked', async () => {
    const check = await checkOf('5', '10.9.0.2 masq');
    assert.ok(check.type === 'negotiate');
    assert.equal(check.service, 'none');
  });
});

describe('what is checked', () => {
  it('follows from the port of the virtual', async () => {
    const services = [
      ['21', 'ftp'],
      ['80', 'http'],
      ['443', 'https'],
      ['3306', 'mysql'],
      ['8080', 'none'],
    ] as const;
    for (const [port, service] of services) {
      const check = await checkOf(`10.9.0.1:${port}`, '10.9.0.2 masq');
      assert.ok(check.type === 'negotiate');
      assert.equal(check.service, service);
    }
  });

  it('is a ping for udp, where connecting shows nothing', async () => {
    const check = await checkOf(
      '10.9.0.1:514',
      '10.9.0.2 masq',
      'protocol=udp',
      'checktype=connect',
    );
    assert.deepEqual(check, {
      type: 'ping',
      family: 'inet',
      address: '10.9.0.2',
      attempts: 1,
      timeoutMs: 5000,
    });
  });

  it('is always a negotiate with checktype=0, and for udp', async () => {
    const never = await checkOf('10.9.0.1:80', '10.9.0.2 masq', 'checktype=0');
    assert.equal(never.type, 'negotiate');
    const udp = await checkOf('10.9.0.1:53', '10.9.0.2 masq', 'checktype=3');
    assert.equal(udp.type, 'negotiate');
    const both = await checkOf('10.9.0.1:80', '10.9.0.2 masq', 'checktype=3');
    assert.equal(both.type, 'combined');
  });

  it('gets the words of the real server first, with a leading slash', async () => {
    const own = await checkOf(
      '10.9.0.1:80',
      '10.9.0.2 gate "own", ""',
      'request="a"',
      'receive="b"',
    );
    assert.ok(own.type === 'negotiate');
    assert.deepEqual([own.request, own.receive], ['/own', '']);
    const section = await checkOf('10.9.0.1:80', '10.9.0.2 gate', 'request="a"', 'receive="b"');
    assert.ok(section.type === 'negotiate');
    assert.deepEqual([section.request, section.receive], ['/a', 'b']);
    const bare = await checkOf('10.9.0.1:80', '10.9.0.2 gate');
    assert.ok(bare.type === 'negotiate');
    assert.deepEqual([bare.request, bare.receive], ['/', '']);
  });

  it('is the same for two virtuals that ask the same, whatever else they say', async () => {
    const one = await checkOf('10.9.0.1:80', '10.9.0.2:80 gate', 'login="a"', 'database="b"');
    const two = await checkOf('10.9.0.2:80', '10.9.0.2:80 masq 5', 'secret="c"', 'failurecount=3');
    assert.deepEqual(one, two);
  });

  it('has the logins of ftp and sip only where the service is named', async () => {
    const rows = [
      ['21', 'service=ftp', 'anonymous', 'ldirectord@balancer'],
      ['21', 'comment=x', '', ''],
      ['5060', 'service=sip', 'ldirectord@balancer', ''],
      ['5060', 'comment=x', '', ''],
    ] as const;
    for (const [port, line, login, passwd] of rows) {
      const check = await checkOf(`10.9.0.1:${port}`, '10.9.0.2 gate', line);
      assert.ok(check.type === 'negotiate');
      assert.deepEqual([check.login, check.passwd], [login, passwd]);
    }
    const own = await checkOf('10.9.0.1:21', '10.9.0.2 gate', 'login="me"', 'service=ftp');
    assert.ok(own.type === 'negotiate');
    assert.deepEqual([own.login, own.passwd], ['me', 'ldirectord@balancer']);
  });

  it('says where a connect check meets MySQL, and who may log in there without a password', async () => {
    const loginOf = async (address: string, ...lines: readonly string[]) => {
      const check = await checkOf(address, '10.9.0.2:99 gate', 'checktype=connect', ...lines);
      assert.equal(check.type, 'connect');
      return check.mysqlLogin;
    };
    assert.equal(await loginOf('10.9.0.1:3306'), '');
    assert.equal(await loginOf('10.9.0.1:80', 'service=mysql', 'login="monitor"'), 'monitor');
    assert.equal(await loginOf('10.9.0.1:3306', 'login="joe"', 'passwd="x"'), '');
    assert.equal(await loginOf('10.9.0.1:3306', 'service=none'), undefined);
    assert.equal(await loginOf('10.9.0.1:80', 'login="monitor"'), undefined);
    const combined = await checkOf('10.9.0.1:3306', '10.9.0.2:99 gate', 'checktype=3');
    assert.equal(combined.type, 'combined');
    assert.equal(combined.connect.mysqlLogin, '');
  });

  it('tells an external program where it is', async () => {
    const rows = [
      ['10.9.0.1:80', '10.9.0.2:8080 masq', ['10.9.0.1', '80', '10.9.0.2', '8080']],
      ['86', '10.9.0.2 masq', ['86', '0', '10.9.0.2', '0']],
      ['[fd00::1]:80', '[fd00::2] masq', ['[fd00::1]', '80', '[fd00::2]', '0']],
    ] as const;
    for (const [virtual, real, args] of rows) {
      const check = await checkOf(virtual, real, 'checktype=external', 'checkport=9');
      assert.deepEqual(check, { type: 'external', command: '/bin/true', args, timeoutMs: 5000 });
    }
  });
});

describe('a virtual server', () => {
  it('has the protocol of its port, or its own', async () => {
    const rows = [
      ['10.9.0.1:53', '', 'udp'],
      ['10.9.0.1:domain', '', 'udp'],
      ['10.9.0.1:domain', '\tprotocol=tcp\n', 'tcp'],
      ['10.9.0.1:80', '', 'tcp'],
    ] as const;
    for (const [address, line, protocol] of rows) {
      const { id } = await virtualOf(`virtual=${address}\n${line}`);
      assert.ok('protocol' in id);
      assert.equal(id.protocol, protocol);
    }
  });

  it('has a label', async () => {
    const rows = [
      ['10.9.0.1:http', '10.9.0.1:80'],
      ['[FD00:0:0::2]:80', '[fd00::2]:80'],
      ['5', '5'],
    ] as const;
    for (const [address, label] of rows) {
      assert.equal((await virtualOf(`virtual=${address}\n`)).label, label);
    }
  });

  it('has the range of its reals, compared as numbers', async () => {
    const text = 'virtual=10.9.0.1:80\n\treal=59.154.201.250->59.154.202.5:80 gate 2\n';
    const { reals } = await virtualOf(text);
    assert.equal(reals.length, 12);
    assert.deepEqual([reals[0]?.key, reals[11]?.key], ['59.154.201.250:80', '59.154.202.5:80']);
    assert.ok(reals.every(({ weight, line }) => weight === 2 && line === 2));
  });

  it('numbers a real that stands in it several times', async () => {
    const real = '\treal=10.9.0.2:80 gate\n';
    const { reals } = await virtualOf(`virtual=10.9.0.1:80\n${real.repeat(3)}`);
    assert.deepEqual(
      reals.map(({ key }) => key),
      ['10.9.0.2:80', '10.9.0.2:80#2', '10.9.0.2:80#3'],
    );
  });

  it('has its own fallback, else the global one of its family', async () => {
    const globals = 'fallback=127.0.0.1\nfallback6=[::1]:81 masq\n';
    const rows = [
      ['virtual=10.9.0.1:83\n', '127.0.0.1', 83, 'gate'],
      ['virtual6=[fd00::1]:83\n', '::1', 81, 'masq'],
      ['virtual=5\n', '127.0.0.1', 0, 'gate'],
      ['virtual=10.9.0.1:83\n\tfallback=10.9.0.9:http masq\n', '10.9.0.9', 80, 'masq'],
      ['virtual=5\n\tfallback=10.9.0.9:80\n', '10.9.0.9', 80, 'gate'],
    ] as const;
    for (const [section, address, port, forward] of rows) {
      const { fallbacks } = await virtualOf(globals + section);
      const found = fallbacks.map((fallback) => [
        fallback.address,
        fallback.port,
        fallback.forward,
      ]);
      assert.deepEqual(found, [[address, port, forward]]);
    }
    assert.deepEqual((await virtualOf('fallback6=[::1]\nvirtual=10.9.0.1:80\n')).fallbacks, []);
  });

  it('takes the last of several lines, and globals wherever they stand', async () => {
    const text =
      'virtual=10.9.0.1:80\n\tscheduler=wlc\n\tscheduler=rr\n\nquiescent=no\nquiescent=yes\n';
    const { scheduler, quiescent } = await virtualOf(text);
    assert.deepEqual([scheduler, quiescent], ['rr', true]);
  });

  it('has a netmask only with persistence, and one packet only with udp', async () => {
    const lines = '\tnetmask=255.255.255.0\n\tops=yes\n';
    const without = await virtualOf(`virtual=10.9.0.1:80\n${lines}`);
    assert.deepEqual([without.netmask, without.onePacket], [undefined, false]);
    const both = await virtualOf(`virtual=10.9.0.1:80\n${lines}\tpersistent=5\n\tprotocol=udp\n`);
    assert.deepEqual([both.netmask, both.onePacket], ['255.255.255.0', true]);
  });
});

describe('the own address of checks', () => {
  const said = async (text: string): Promise<readonly string[]> => {
    const { diagnostics } = await parseConfig(text, 'a.cf', { resolver: fakeResolver() });
    return diagnostics.map(diagnosticLine);
  };
  const v4 = 'virtual=10.9.0.30:80\n\treal=10.9.0.2:80 gate\n';
  const v6 = 'virtual6=[fd00::1]:80\n\treal6=[fd00::2]:80 gate\n';

  it('is the global one for the sections of its family', async () => {
    const text = `checkfrom=10.9.0.77\n${v4}\n${v6}`;
    const { config } = await parseConfig(text, 'a.cf', { resolver: fakeResolver() });
    const from = config?.virtuals.map(({ reals: [real] }) => {
      const check = real?.checks[0]?.definition;
      return check?.type === 'negotiate' ? check.target.from : 'none';
    });
    assert.deepEqual(from, ['10.9.0.77', undefined]);
    assert.deepEqual(await said(text), []);
  });

  it('must be of the family where it stands in a section', async () => {
    assert.deepEqual(await said(`${v4}\tcheckfrom=fd00::77\n`), [
      'a.cf:3:12: checkfrom: expected an IPv4 address like those of the real servers, got "fd00::77"',
    ]);
    assert.deepEqual(await said(`${v6}\tcheckfrom=10.9.0.77\n`), [
      'a.cf:3:12: checkfrom: expected an IPv6 address like those of the real servers, got "10.9.0.77"',
    ]);
  });

  it('has no effect where the check does not ask itself', async () => {
    const own = '\tcheckfrom=10.9.0.77\n';
    const type = `${v4}\tchecktype=external\n\tcheckcommand=/bin/x\n`;
    assert.deepEqual(await said(type + own), [
      'a.cf:5:12: warning: checkfrom: has no effect on external checks',
    ]);
    assert.deepEqual(
      await said(`${v4}\tservice=oracle\n${own}\tlogin="x"\n\trequest="SELECT 1"\n`),
      ['a.cf:4:12: warning: checkfrom: has no effect on oracle checks'],
    );
    assert.deepEqual(await said(`checkfrom=10.9.0.77\n${type}`), []);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { trapWarnings } from '../../../src/config/traps/find-traps.ts';
import type { TrapFacts } from '../../../src/config/traps/trap.ts';
import { fakeResolver } from '../../support/config-fixtures.ts';
import { fakeFiles } from '../../support/fake-files.ts';

const unset: TrapFacts = { expireQuiescentTemplate: false, expireNodestConn: false };
const set: TrapFacts = { expireQuiescentTemplate: true, expireNodestConn: true };
const unknown: TrapFacts = { expireQuiescentTemplate: undefined, expireNodestConn: undefined };

async function traps(texts: Readonly<Record<string, string>>, facts: TrapFacts) {
  const files = fakeFiles(texts);
  const options = { files, resolver: fakeResolver(), hostname: 'lb' };
  const { config, sources, diagnostics } = await loadConfig('a.cf', options);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.ok(config !== undefined && sources !== undefined);
  return trapWarnings(config, sources, facts);
}

/** `LINE CODE` of the traps of one section that else has none, at lines from 2 on. */
async function found(lines: readonly string[], facts = unset, head = '10.9.0.30:80') {
  const body = ['fallback=127.0.0.1 gate', 'checktimeout=1', ...lines];
  const text = [`virtual=${head}`, ...body.map((line) => `\t${line}`), ''].join('\n');
  const warnings = await traps({ 'a.cf': text }, facts);
  return warnings.map(({ line, code }) => `${line} ${code}`);
}

const real = 'real=10.9.0.2:80 gate';

describe('traps', () => {
  it('are not seen where there are none', async () => {
    assert.deepEqual(await found([real]), []);
    assert.deepEqual(await found([]), []);
  });

  const persistent = [real, 'persistent=600', 'quiescent=yes'];

  it('persistence with quiescent=yes, while the kernel keeps the templates', async () => {
    assert.deepEqual(await found(persistent), ['5 trap-persistent']);
    assert.deepEqual(await found(persistent, unknown), ['5 trap-persistent']);
    assert.deepEqual(await found(persistent, set), []);
    assert.deepEqual(await found([...persistent, 'persistentclean=yes']), []);
    assert.deepEqual(await found([real, 'persistent=600', 'quiescent=no']), []);
  });

  it('persistence with inhibit, which comes before quiescent and persistentclean', async () => {
    const kept = [real, 'persistent=600', 'inhibit=yes'];
    assert.deepEqual(await found(kept), ['5 trap-persistent']);
    assert.deepEqual(await found([...kept, 'persistentclean=yes']), ['5 trap-persistent']);
    assert.deepEqual(await found(kept, set), []);
    assert.deepEqual(await found([...persistent, 'inhibit=no']), []);
    const one = [real, '\tinhibit=yes', 'real=10.9.0.3:80 gate', 'persistent=600'];
    assert.deepEqual(await found(one), ['7 trap-persistent']);
    const text = `fallback=127.0.0.1\nchecktimeout=1\nvirtual=10.9.0.30:80\n\t${kept.join('\n\t')}\n`;
    assert.match(
      (await traps({ 'a.cf': text }, unset))[0]?.message ?? '',
      /as inhibit=yes keeps it .*: set inhibit=no, or that sysctl to 1$/,
    );
  });

  const dns = ['real=10.9.0.2:53 gate', 'receive="1"'];

  it('udp without ops, while the kernel keeps connections to servers that are gone', async () => {
    const at = '10.9.0.30:53';
    assert.deepEqual(await found(dns, unset, at), ['1 trap-udp']);
    assert.deepEqual(await found([...dns, 'protocol=udp'], unknown, at), ['6 trap-udp']);
    assert.deepEqual(await found(dns, set, at), []);
    assert.deepEqual(await found([...dns, 'ops=yes'], unset, at), []);
    assert.deepEqual(await found([...dns, 'persistentclean=yes'], unset, at), []);
    assert.deepEqual(await found([...dns, 'protocol=tcp'], unset, at), []);
  });

  it('persistentclean of one virtual server sets the kernel for all', async () => {
    const other = 'virtual=10.9.0.31:80\n\tpersistentclean=yes\n\tfallback=127.0.0.1 gate\n';
    const text = `virtual=10.9.0.30:53\n\treceive="1"\n\tfallback=127.0.0.1 gate\n\n${other}`;
    assert.deepEqual(await traps({ 'a.cf': text }, unset), []);
  });

  it('a port that gate and ipip cannot change', async () => {
    const at8080 = (method: string) => found([`real=10.9.0.2:8080 ${method}`]);
    assert.deepEqual(await at8080('gate'), ['4 trap-port-change']);
    assert.deepEqual(await at8080('ipip'), ['4 trap-port-change']);
    assert.deepEqual(await at8080('masq'), []);
    assert.deepEqual(await found(['real=10.9.0.2 gate']), []);
    assert.deepEqual(await found(['real=10.9.0.2->10.9.0.9:8080 gate']), ['4 trap-port-change']);
    assert.deepEqual(await found([real, 'fallback=127.0.0.1:8080']), ['5 trap-port-change']);
    assert.deepEqual(await found(['real=10.9.0.2:80 gate', 'service=http'], unset, '5'), []);
  });

  it('a virtual server without a fallback', async () => {
    const section = (port: number) => `virtual=10.9.0.30:${port}\n\tchecktimeout=1\n\t${real}\n\n`;
    const warnings = await traps({ 'a.cf': section(80) + section(80).replace(':80', ':443') }, set);
    assert.deepEqual(
      warnings.map(({ line, code }) => `${line} ${code}`),
      ['1 trap-no-fallback', '5 trap-no-fallback', '7 trap-port-change'],
    );
    assert.deepEqual(await traps({ 'a.cf': `fallback=127.0.0.1\n${section(80)}` }, set), []);
    const withdrawn = `${section(80).trimEnd()}\n\tquorumdown=/bin/withdraw\n`;
    assert.deepEqual(await traps({ 'a.cf': withdrawn }, set), []);
    const announced = withdrawn.replace('quorumdown', 'quorumup');
    assert.equal((await traps({ 'a.cf': announced }, set)).length, 1);
  });

  it('checks that cannot fail', async () => {
    assert.deepEqual(await found([real, 'checktype=on']), ['5 trap-cannot-fail']);
    assert.deepEqual(await found([real, 'checktype=off']), ['5 trap-cannot-fail']);
    assert.deepEqual(await found([real, 'service=none']), ['5 trap-cannot-fail']);
    assert.deepEqual(await found([real, 'checktype=external']), ['5 trap-cannot-fail']);
    assert.deepEqual(await found([real, 'checktype=external', 'checkcommand=/bin/true']), [
      '6 trap-cannot-fail',
    ]);
    assert.deepEqual(await found([real, 'checktype=external', 'checkcommand=/bin/x']), []);
    // no port, no service: nothing is asked
    const nothing = ['real=10.9.0.2:4000 gate'];
    assert.deepEqual(await found(nothing, unset, '10.9.0.30:4000'), ['1 trap-cannot-fail']);
    assert.deepEqual(await found([...nothing, 'checktype=3'], unset, '10.9.0.30:4000'), []);
  });

  it('minservers that keeps every server', async () => {
    const second = 'real=10.9.0.3:80 gate';
    const kept = async (value: string, ...reals: readonly string[]) =>
      (await found([`minservers=${value}`, ...reals])).includes('4 trap-cannot-fail');
    assert.equal(await kept('2', real, second), true);
    assert.equal(await kept('3', real, second), true);
    assert.equal(await kept('51%', real, second), true);
    assert.equal(await kept('1%', real), true);
    assert.equal(await kept('1', real, second), false);
    assert.equal(await kept('50%', real, second), false);
    assert.equal(await kept('1'), false);
    const text = `fallback=127.0.0.1\nchecktimeout=1\nminservers=1\nvirtual=10.9.0.30:80\n\t${real}\n`;
    const [trap] = await traps({ 'a.cf': text }, unset);
    assert.equal(
      trap === undefined ? '' : diagnosticLine(trap),
      'a.cf:4:1: warning: minservers: keeps its only real server in service, whatever their checks find, and no fallback takes over: lower it',
    );
  });

  it('checks that are never good', async () => {
    const head = [real, 'httpmethod=HEAD', 'receive="ok"'];
    assert.deepEqual(await found(head), ['5 trap-never-up']);
    assert.deepEqual(await found([...head, 'checktype=2']), ['5 trap-never-up']);
    assert.deepEqual(await found([...head, 'checktype=connect']), []);
    assert.deepEqual(await found([...head, 'service=smtp']), []);
    assert.deepEqual(await found([real, 'httpmethod=HEAD']), []);
    assert.deepEqual(await found([real, 'httpmethod=HEAD', 'receive="^$"']), []);
    assert.deepEqual(await found([real, 'httpmethod=GET', 'receive="ok"']), []);
    const external = [real, 'checktype=external'];
    assert.deepEqual(await found([...external, 'checkcommand=/bin/x -v']), ['6 trap-never-up']);
    assert.deepEqual(await found([...external, 'checkcommand="/bin/x -v"']), ['6 trap-never-up']);
    assert.deepEqual(await found([...external, 'checkcommand=/bin/x']), []);
  });

  it('intervals shorter than the check may take', async () => {
    assert.deepEqual(await found([real, 'checkinterval=2', 'negotiatetimeout=3']), [
      '5 trap-interval',
    ]);
    assert.deepEqual(await found([real, 'checkinterval=3', 'negotiatetimeout=3']), []);
    assert.deepEqual(await found([real, 'negotiatetimeout=30']), ['5 trap-interval']);
    assert.deepEqual(await found([real, 'fastinterval=1', 'negotiatetimeout=2']), [
      '5 trap-interval',
    ]);
    const ping = [real, 'checktype=ping', 'checkinterval=5', 'checktimeout=2'];
    assert.deepEqual(await found([...ping, 'checkcount=2']), []);
    assert.deepEqual(await found([...ping, 'checkcount=3']), ['6 trap-interval']);
  });

  it('check blocks, at the line of the block', async () => {
    const tcp = ['\tcheck=tcp', '\t\ttimeout=3'];
    assert.deepEqual(await found([real, ...tcp]), []);
    assert.deepEqual(await found([real, ...tcp, '\t\tinterval=2.9']), ['5 trap-interval']);
    assert.deepEqual(await found([real, ...tcp, '\t\tdowninterval=1']), ['5 trap-interval']);
    // a failure is often quick, and the retry comes after it
    assert.deepEqual(await found([real, ...tcp, '\t\tretrydelay=0.1']), []);
    const file = ['\tcheck=file', '\t\tpath=/run/weight', '\t\tinterval=1'];
    assert.deepEqual(await found([real, ...file]), []);
    const idle = ['\tcheck=misc', '\t\tcommand=/bin/true'];
    assert.deepEqual(await found([real, ...idle]), ['5 trap-cannot-fail']);
    assert.deepEqual(await found([real, ...idle, ...idle]), ['7 trap-cannot-fail']);
    assert.deepEqual(await found([real, ...idle, ...tcp]), []);
    assert.deepEqual(await found([real, ...tcp, ...idle]), []);
    assert.deepEqual(await found([real, ...idle, 'checktype=connect']), []);
    assert.deepEqual(await found([real, ...idle, 'checktype=on']), ['5 trap-cannot-fail']);
    // the second server has ldirectord's check alone
    assert.deepEqual(await found([real, ...tcp, real, 'service=none']), ['8 trap-cannot-fail']);
  });

  it('a receive that matches any answer', async () => {
    const receives = async (text: string): Promise<boolean> =>
      (await found([real, `receive="${text}"`])).includes('5 trap-receive');
    for (const text of ['.*', '^', '$', '', '(ok)?', 'a*', '(?i)|x', '.{0,3}']) {
      assert.equal(await receives(text === '' ? '()' : text), true, text);
    }
    for (const text of ['ok', '.+', '^$', '\\S', '^\\s*$', 'a|b']) {
      assert.equal(await receives(text), false, text);
    }
    const own = 'real=10.9.0.3:80 gate "/x", ".*"';
    assert.deepEqual(await found([real, own, 'receive="ok"']), ['5 trap-receive']);
    assert.deepEqual(await found([own]), ['4 trap-receive']);
    assert.deepEqual(await found([real, 'receive=".*"', 'checktype=connect']), []);
  });

  it('stand in the file and at the line that they are about, with what to do', async () => {
    const lines = await traps(
      {
        'a.cf': 'include=b.cf\nfallback=127.0.0.1 gate\nquiescent=yes\n',
        'b.cf': `virtual=10.9.0.30:53\n\treal=10.9.0.2:5300 gate\n\tpersistent=300\n\tcheckinterval=4\n\n`,
      },
      { expireQuiescentTemplate: false, expireNodestConn: undefined },
    );
    assert.deepEqual(lines.map(diagnosticLine), [
      'b.cf:1:1: warning: protocol: a client that goes on sending from one udp port stays with a failed real server, as net.ipv4.vs.expire_nodest_conn cannot be read here, and by default is 0: set persistentclean=yes, or quiescent=no with that sysctl at 1, or ops=yes if every packet stands alone',
      'b.cf:2:2: warning: real: gate does not change ports, so that 10.9.0.2:5300 gets its clients at port 53: use masq, or port 53',
      'b.cf:3:2: warning: persistent: clients of a failed real server get errors until 300 s after their last try, as quiescent=yes keeps it in the table and net.ipv4.vs.expire_quiescent_template is 0: set persistentclean=yes, or quiescent=no, or that sysctl to 1',
      'b.cf:4:2: warning: checkinterval: 4 s is shorter than the 30 s that a check may take, so that checks of a silent server come late: lower negotiatetimeout, or raise checkinterval',
    ]);
  });
});

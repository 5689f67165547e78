import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ServerCheck } from '../../../src/config/model.ts';
import { fakeResolver } from '../../support/config-fixtures.ts';
import { fakeFiles } from '../../support/fake-files.ts';

async function virtualOf(...lines: readonly string[]) {
  const text = lines.map((line) => `${line}\n`).join('');
  return (await virtualsOf({ 'a.cf': text }))[0];
}

async function virtualsOf(texts: Readonly<Record<string, string>>) {
  const options = { files: fakeFiles(texts), resolver: fakeResolver(), hostname: 'lb' };
  const { config, diagnostics } = await loadConfig('a.cf', options);
  assert.deepEqual(diagnostics.map(diagnosticLine), []);
  assert.ok(config !== undefined);
  return config.virtuals;
}

const names = (server: { readonly checks: readonly ServerCheck[] } | undefined) =>
  server?.checks.map(({ name }) => name);

const virtual = 'virtual=10.9.0.30:80';
const real = '\treal=10.9.0.2:80 masq';

describe('the checks of a server', () => {
  it('are those of its section and its own, or ldirectord’s where there are none', async () => {
    const found = await virtualOf(virtual, real, '\t\tcheck=tcp', '\treal=10.9.0.3:80 masq');
    assert.deepEqual(found?.reals.map(names), [['tcp 80'], ['checktype']]);
    const all = await virtualOf(virtual, real, '\t\tcheck=tcp', real, '\tcheck=ping');
    assert.deepEqual(all?.reals.map(names), [['ping', 'tcp 80'], ['ping']]);
  });

  it('have ldirectord’s besides where the section has a checktype', async () => {
    const found = await virtualOf(virtual, real, '\t\tcheck=tcp', '\tchecktype=connect');
    assert.deepEqual(found?.reals.map(names), [['checktype', 'tcp 80']]);
    assert.equal(found.reals[0]?.checks[0]?.definition.type, 'connect');
    assert.equal(found.reals[0].checks[0].line, undefined);
    assert.equal(found.reals[0].checks[1]?.line, 3);
  });

  it('leave a server in until they have answered only where they are agents, or have alpha=no', async () => {
    const found = await virtualOf(
      ...[virtual, real, '\tcheck=tcp', '\tcheck=agent', '\t\tport=9', '\tcheck=agent'],
      ...['\t\tport=10', '\t\talpha=yes', '\tcheck=ping', '\t\talpha=no'],
    );
    const alphas = found?.reals[0]?.checks.map(({ alpha }) => alpha);
    assert.deepEqual(alphas, [true, false, true, false]);
  });

  it('have names of their own', async () => {
    const found = await virtualOf(
      'definecheck=shop',
      '\ttype=http',
      '\tpath=/shop',
      virtual,
      real,
      ...['tcp', 'tcp', 'shop', 'ping', 'smtp', 'dns', 'udp'].map((word) => `\tcheck=${word}`),
      '\tcheck=tcp',
      '\t\taddress=fd00::9',
      '\tcheck=ping',
      '\t\taddress=10.9.0.9',
      '\tcheck=https',
      '\t\tpath=/a',
      '\t\tpath=/b',
      '\tcheck=misc',
      '\t\tcommand=/bin/x 1',
      '\tcheck=file',
      '\t\tpath=/run/w',
    );
    assert.deepEqual(names(found?.reals[0]), [
      'tcp 80',
      'tcp 80#2',
      'shop',
      'ping',
      'smtp 80',
      'dns 80',
      'udp 80',
      'tcp [fd00::9]:80',
      'ping 10.9.0.9',
      'https /a',
      'misc /bin/x 1',
      'file /run/w',
    ]);
  });

  it('are known to the monitorfile by name, protocol and server', async () => {
    const found = await virtualOf(
      virtual,
      '\treal=10.9.0.2:8080 masq 5',
      '\tcheck=http',
      '\t\tpath=/health',
      '\tmonitorfile=/var/log/m',
    );
    assert.equal(found?.reals[0]?.checks[0]?.identity, 'http /health tcp 10.9.0.2 8080 5 masq');
  });

  it('of a fallback are its own alone', async () => {
    const found = await virtualOf(
      virtual,
      real,
      '\tcheck=tcp',
      '\tfallback=10.9.0.9 gate priority 1',
      '\t\tcheck=ping',
      '\tfallback=10.9.0.8:81 gate',
    );
    assert.deepEqual(found?.fallbacks.map(names), [['ping'], []]);
    const global = await virtualOf('fallback=10.9.0.9 gate', '\tcheck=tcp', virtual, real);
    assert.deepEqual(global?.fallbacks.map(names), [['tcp 80']]);
  });
});

describe('a named check', () => {
  const redis = ['definecheck=redis', '\tport=6379', '\tsend="a"', '\texpect="b"', '\ttimeout=2'];

  it('may be defined after its use, and in another file', async () => {
    const use = `${virtual}\n${real}\n\tcheck=redis\n`;
    const definition = `${redis.join('\n')}\n`;
    const [after] = await virtualsOf({ 'a.cf': use + definition });
    const [elsewhere] = await virtualsOf({ 'a.cf': `include=b.cf\n${use}`, 'b.cf': definition });
    assert.deepEqual(names(after?.reals[0]), ['redis']);
    assert.deepEqual(
      elsewhere?.reals[0]?.checks[0]?.definition,
      after?.reals[0]?.checks[0]?.definition,
    );
  });

  it('gives way to what the check itself says, line by line', async () => {
    const found = await virtualOf(...redis, virtual, real, '\tcheck=redis', '\t\tport=6380');
    assert.deepEqual(found?.reals[0]?.checks[0]?.definition, {
      type: 'dialogue',
      transport: 'tcp',
      target: { family: 'inet', address: '10.9.0.2', port: 6380 },
      steps: [{ send: 'a' }, { expect: 'b' }],
      timeoutMs: 2000,
    });
  });

  it('gives way in its steps, and its pages, as a whole', async () => {
    const steps = await virtualOf(...redis, virtual, real, '\tcheck=redis', '\t\tsend="c"');
    const dialogue = steps?.reals[0]?.checks[0]?.definition;
    assert.ok(dialogue?.type === 'dialogue');
    assert.deepEqual(dialogue.steps, [{ send: 'c' }]);
    const shop = ['definecheck=s', '\ttype=http', '\tvirtualhost=h', '\tpath=/a', '\tpath=/b'];
    const pages = async (...lines: readonly string[]) => {
      const found = await virtualOf(...shop, virtual, real, '\tcheck=s', ...lines);
      const check = found?.reals[0]?.checks[0]?.definition;
      assert.ok(check?.type === 'http-get');
      return check.urls.map(({ host, path }) => `${host}${path}`);
    };
    assert.deepEqual(await pages('\t\tvirtualhost=i'), ['i/a', 'i/b']);
    assert.deepEqual(await pages('\t\tpath=/c', '\t\tvirtualhost=j', '\t\tpath=/d'), [
      'j/c',
      'h/d',
    ]);
  });
});

describe('the rhythm of a check', () => {
  const rhythm = async (globals: readonly string[], ...parameters: readonly string[]) => {
    const lines = parameters.map((line) => `\t\t${line}`);
    const found = await virtualOf(...globals, virtual, real, '\tcheck=tcp', ...lines);
    const [check] = found?.reals[0]?.checks ?? [];
    assert.ok(check !== undefined);
    const { normalMs, fastMs, downMs } = check.intervals;
    return [normalMs, fastMs, downMs, check.failureCount, check.rise, check.warmupMs, check.alpha];
  };

  it('is that of the directives', async () => {
    assert.deepEqual(await rhythm([]), [10_000, 10_000, 10_000, 1, 1, 0, true]);
    const globals = [
      'checkinterval=9',
      'fastinterval=3',
      'downinterval=7',
      'failurecount=4',
      'rise=2',
    ];
    assert.deepEqual(await rhythm(globals), [9000, 3000, 7000, 4, 2, 0, true]);
  });

  it('is its own where the block says so', async () => {
    // no fastinterval: the interval of the check counts, not that of the file
    assert.deepEqual(await rhythm([], 'interval=0.5'), [500, 500, 500, 1, 1, 0, true]);
    assert.deepEqual(await rhythm(['fastinterval=3', 'checkinterval=9'], 'interval=5'), [
      5000,
      3000,
      5000,
      1,
      1,
      0,
      true,
    ]);
    const own = ['retry=0', 'retrydelay=0', 'downinterval=60', 'rise=3', 'warmup=1.5', 'alpha=no'];
    assert.deepEqual(await rhythm(['failurecount=4'], ...own), [
      10_000,
      1,
      60_000,
      1,
      3,
      1500,
      false,
    ]);
    assert.deepEqual((await rhythm([], 'retry=2')).slice(3, 4), [3]);
  });
});

describe('what belongs to one server', () => {
  it('comes before what the section says, and that before what the file says', async () => {
    const found = await virtualOf(
      'notifyup=/bin/file',
      'notifydown=/bin/file',
      virtual,
      real,
      '\t\tinhibit=yes',
      '\t\tnotifyup=/bin/own',
      '\treal=10.9.0.3:80 masq',
      '\tnotifydown=/bin/section',
    );
    assert.deepEqual(
      found?.reals.map(({ inhibit, notifyUp, notifyDown }) => [inhibit, notifyUp, notifyDown]),
      [
        [true, '/bin/own', '/bin/section'],
        [undefined, '/bin/file', '/bin/section'],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { genhashUsage } from '../../../src/cli/usage.ts';
import { callGenhash, callGenhashWith } from '../../support/call-genhash.ts';
import { callIpvsd } from '../../support/call-ipvsd.ts';
import { program } from '../../support/ipvsd.ts';
import { temporaryDirectory } from '../../support/script.ts';
import { type SegmentServer, segmentServer } from '../../support/segment-server.ts';
import { refusingEndpoint } from '../../support/tcp-server.ts';

const body = 'hello world\n';
const whole = `HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\n${body}`;
const hello = '6f5902ac237024bdd0c176cb93063dc4';
const sha256 = createHash('sha256').update(body).digest('hex');

function page(t: TestContext, text = whole, transport: 'plain' | 'tls' = 'plain') {
  return segmentServer(t, { segments: [text], transport });
}

function request(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const agent = 'User-Agent: KeepAliveClient';

describe('genhash asks', () => {
  const asked = async (server: SegmentServer, ...args: readonly string[]): Promise<string> => {
    const { exitCode, stderr } = await callGenhash(server.endpoint, args);
    assert.deepEqual([exitCode, stderr], [0, '']);
    return server.requests.at(-1) ?? '';
  };

  for (const address of ['127.0.0.1', '::1']) {
    it(`${address} with its port as Host`, async (t) => {
      const server = await segmentServer(t, { segments: [whole] }, address);
      const host = `${address.includes(':') ? `[${address}]` : address}:${server.endpoint.port}`;
      const expected = request('GET /cl HTTP/1.0', agent, `Host: ${host}`);
      assert.equal(await asked(server), expected);
    });
  }

  it('in the protocol of -P, with the Host of -V', async (t) => {
    const server = await page(t);
    const host = 'Host: a.example';
    const close = 'Connection: close';
    const via = (protocol: string) => asked(server, '-P', protocol, '-V', 'a.example');
    assert.equal(await via('1.0'), request('GET /cl HTTP/1.0', agent, host));
    assert.equal(await via('1.0c'), request('GET /cl HTTP/1.0', agent, close, host));
    assert.equal(await via('1.0C'), request('GET /cl HTTP/1.0', agent, close, host));
    assert.equal(await via('1.1'), request('GET /cl HTTP/1.1', agent, close, host));
  });

  it('for a path as it is written, however long', async (t) => {
    const server = await page(t);
    const path = `cl?${'x'.repeat(3000)}`;
    assert.ok((await asked(server, '--compat', '-u', path)).startsWith(`GET ${path} HTTP/1.0\r\n`));
  });

  it('over TLS with the name of -V when -I says so, and without a name otherwise', async (t) => {
    const server = await page(t, whole, 'tls');
    await asked(server, '-S', '-V', 'a.example');
    await asked(server, '-S', '-I', '-V', 'a.example');
    await asked(server, '-S', '-I');
    await asked(server, '-S', '-I', '-V', '10.0.0.1');
    assert.deepEqual(server.serverNames, [false, 'a.example', false, false]);
  });

  it('the first address of a name, by its number', async (t) => {
    const server = await segmentServer(t, { segments: [whole] }, '127.0.0.1');
    const { port } = server.endpoint;
    const args = ['-s', 'localhost', '-p', `${port}`, '-u', '/cl'];
    const { exitCode, stdout } = await callGenhashWith(args);
    if (exitCode !== 0) return t.skip('localhost is not 127.0.0.1 first here');
    assert.equal(stdout, `${hello}\n`);
    assert.ok(server.requests[0]?.includes(`Host: 127.0.0.1:${port}\r\n`));
  });
});

describe('genhash, its own options', () => {
  it('--sha256', async (t) => {
    const { endpoint } = await page(t);
    const called = await callGenhash(endpoint, ['--sha256']);
    assert.deepEqual(called, { exitCode: 0, stdout: `${sha256}\n`, stderr: '' });
  });

  it('several pages have their paths behind their digests; a failed one keeps none back', async (t) => {
    const { endpoint } = await page(t);
    const called = await callGenhash(endpoint, ['-u', '/other']);
    const stdout = `${hello}  /cl\n${hello}  /other\n`;
    assert.deepEqual(called, { exitCode: 0, stdout, stderr: '' });
    const compat = await callGenhash(endpoint, ['-u', '/other', '--compat']);
    assert.deepEqual(compat, { exitCode: 0, stdout: `${hello}\n`, stderr: '' });
  });

  it('--status wants a status, and without it an odd one is remarked on', async (t) => {
    const { endpoint } = await page(t, 'HTTP/1.0 404 Not Found\r\n\r\nnot found');
    const digest = 'd8f4a1993546cc4b850cde3599e27aec\n';
    const stderr =
      'ipvsd: genhash: /cl: warning: 404 Not Found: a check needs "status = 404" for it\n';
    assert.deepEqual(await callGenhash(endpoint, []), { exitCode: 0, stdout: digest, stderr });
    for (const list of ['404', '200 404', '200,400-499']) {
      const called = await callGenhash(endpoint, ['--status', list]);
      assert.deepEqual(called, { exitCode: 0, stdout: digest, stderr: '' });
    }
    assert.deepEqual(await callGenhash(endpoint, ['--status=200-299 301']), {
      exitCode: 1,
      stdout: '',
      stderr: 'ipvsd: genhash: /cl: 404 Not Found, expected 200-299 301\n',
    });
  });

  it('says when a body ends too soon', async (t) => {
    const { endpoint } = await page(t, `HTTP/1.0 200 OK\r\nContent-Length: 50\r\n\r\n${body}`);
    const stderr = 'ipvsd: genhash: /cl: warning: the body ended after 12 of 50 bytes\n';
    assert.deepEqual(await callGenhash(endpoint, []), {
      exitCode: 0,
      stdout: `${hello}\n`,
      stderr,
    });
  });

  it('--lines prints a check block', async (t) => {
    const { endpoint } = await page(t);
    const plain = await callGenhash(endpoint, ['--lines']);
    assert.equal(plain.stdout, `\tcheck = http\n\t\tpath = /cl\n\t\tdigest = ${hello}\n`);
    const secure = await page(t, whole.replace('200 OK', '503 Busy'), 'tls');
    const args = ['-S', '-I', '-V', 'a.example', '-P', '1.1', '--sha256', '-u', '/b', '--lines'];
    const { stdout } = await callGenhash(secure.endpoint, args);
    assert.equal(
      stdout,
      [
        '\tcheck = https',
        '\t\tprotocol = 1.1',
        '\t\tvirtualhost = a.example',
        '\t\tverify = none',
        '\t\tsni = a.example',
        ...['/cl', '/b'].flatMap((path) => [
          `\t\tpath = ${path}`,
          `\t\tdigest = ${sha256}`,
          '\t\tstatus = 503',
        ]),
        '',
      ].join('\n'),
    );
  });

  it('--lines prints what ipvsd.cf(5) reads as it was asked, whatever stands in it', async (t) => {
    const { endpoint } = await page(t);
    const paths = ['/a#b', '/a b', '/"q"', "/'", '/\\', '/a#"'];
    const urls = paths.flatMap((path) => ['-u', path]);
    const { stdout } = await callGenhash(endpoint, [...urls, '-V', 'a#b', '--lines']);
    const file = join(temporaryDirectory(t), 'lines.cf');
    writeFileSync(file, `virtual=10.9.0.30:80\n\treal=10.9.0.2:80 masq\n${stdout}`);
    const shown = await callIpvsd('config', 'show', file, '--json');
    assert.equal(shown.stderr, '');
    const [, ...asked] = shown.stdout.match(/"(path|host)": ".*"/g) ?? [];
    assert.deepEqual(
      asked,
      ['/cl', ...paths].flatMap((path) => [`"path": ${JSON.stringify(path)}`, '"host": "a#b"']),
    );
  });

  it('failures go to stderr and make the exit code, while --compat says them on stdout', async () => {
    const endpoint = await refusingEndpoint();
    assert.deepEqual(await callGenhash(endpoint, []), {
      exitCode: 1,
      stdout: '',
      stderr: 'ipvsd: genhash: /cl: connection refused\n',
    });
    const compat = await callGenhash(endpoint, ['--compat']);
    assert.deepEqual(compat, { exitCode: 0, stdout: 'Connection failed\n', stderr: '' });
  });
});

describe('genhash, its command line', () => {
  const good = ['-s', '127.0.0.1', '-p', '1', '-u', '/'];
  /** Arguments, what is said, and what keepalived says; "" for its usage alone. */
  const rows: readonly (readonly [readonly string[], string, string])[] = [
    [[...good, '-p', '0'], '--port: expected 1 to 65535, got "0"', "invalid port number '0'"],
    [[...good, '-pX'], '--port: expected 1 to 65535, got "X"', "invalid port number 'X'"],
    [
      [...good, '-P', 'X'],
      '--protocol: expected 1.0, 1.0c or 1.1, got "X"',
      "invalid HTTP protocol version 'X'",
    ],
    [
      [...good, '-t', '1.5'],
      '--timeout: expected a whole number of seconds >= 1, got "1.5"',
      "invalid timeout '1.5'",
    ],
    [[...good, '-m', 'X'], '--fwmark: expected a number, got "X"', "invalid fwmark 'X'"],
    [[...good, '-H', 'MD5'], 'unknown option "-H"', 'Unknown option -H'],
    [[...good, '--bogus'], 'unknown option "--bogus"', 'Unknown option --bogus'],
    [[...good, '--use-s'], 'unknown option "--use-s"', 'Unknown option --use-s'],
    [[...good, '-u'], '-u: expected a value', 'Missing parameter for option -u'],
    [['a', ...good, 'b'], 'expected options only, got "a"', 'Unexpected argument(s): a b'],
    [['-u', '/'], 'expected --server, --port, see --help', ''],
    [[], 'expected --server, --port, --url, see --help', ''],
  ];
  for (const [args, message, compatText] of rows) {
    it(`refuses "${args.join(' ')}"`, async () => {
      assert.deepEqual(await callGenhashWith(args), {
        exitCode: 1,
        stdout: '',
        stderr: `ipvsd: genhash: ${message}\n`,
      });
      // a first place, since the last argument may lack its value
      const { exitCode, stdout, stderr } = await callGenhashWith(['--compat', ...args]);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.equal(stderr, `${compatText === '' ? '' : `${compatText}\n`}${genhashUsage}`);
    });
  }

  it('wants an address with --compat', async () => {
    for (const name of ['localhost', '127.1', '[::1]', '']) {
      const { exitCode, stderr } = await callGenhashWith([
        '--compat',
        '-s',
        name,
        ...good.slice(2),
      ]);
      assert.equal(exitCode, 1);
      assert.equal(stderr, `server should be an IP, not ${name}\n${genhashUsage}`);
    }
  });

  it('says in both modes that it cannot set a mark', async () => {
    for (const mode of [[], ['--compat']]) {
      const stderr =
        'ipvsd: genhash: --fwmark: cannot be set: Node.js gives no access to SO_MARK\n';
      const called = await callGenhashWith([...good, '-m', '1', ...mode]);
      assert.deepEqual(called, { exitCode: 1, stdout: '', stderr });
    }
  });

  it('refuses options that do not go together', async () => {
    for (const args of [
      ['--compat', '--sha256'],
      ['--lines', '--diff'],
      ['-v', '--lines'],
      ['-u', 'index.html', '--lines'],
      ['--status', '700'],
      ['--status', '299-200'],
    ]) {
      const { exitCode, stdout, stderr } = await callGenhashWith([...good, ...args]);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.match(stderr, /^ipvsd: genhash: .*expected .*, got .*\n$/);
    }
  });

  it('reads short, bundled, cut and joined options, and values that begin with a dash', async (t) => {
    const server = await page(t, whole, 'tls');
    const { port } = server.endpoint;
    const args = ['--serv=127.0.0.1', `-p${port}`, '-St5', '--use-virt', '-a', '-u-v', '--'];
    const { exitCode, stdout } = await callGenhashWith(args);
    assert.deepEqual([exitCode, stdout], [0, `${hello}\n`]);
    assert.equal(server.requests[0], request('GET -v HTTP/1.0', agent, 'Host: -a'));
  });

  it('help: on stdout, or as keepalived', async () => {
    const own = await callGenhashWith(['-h']);
    assert.deepEqual(own, { exitCode: 0, stdout: genhashUsage, stderr: '' });
    const compat = await callGenhashWith(['--compat', '--help']);
    assert.deepEqual(compat, { exitCode: 1, stdout: '', stderr: genhashUsage });
  });
});

describe('genhash with --timeout', () => {
  const drip = { segments: ['HTTP/1.0 200 OK\r\n\r\n', ...Array(14).fill('x')], pauseMs: 200 };

  it('gives a page that time as a whole, and as keepalived each step', async (t) => {
    const { endpoint } = await segmentServer(t, drip);
    const own = await callGenhash(endpoint, ['-t', '1']);
    const stderr = 'ipvsd: genhash: /cl: the answer did not end in time\n';
    assert.deepEqual(own, { exitCode: 1, stdout: '', stderr });
    const compat = await callGenhash(endpoint, ['-t', '1', '--compat']);
    const digest = createHash('md5').update('x'.repeat(14)).digest('hex');
    assert.deepEqual(compat, { exitCode: 0, stdout: `${digest}\n`, stderr: '' });
  });
});

describe('the program', () => {
  it('is genhash as a command and by its name', async (t) => {
    const { endpoint } = await page(t);
    const name = join(temporaryDirectory(t), 'genhash');
    symlinkSync(program, name);
    const args = ['-s', endpoint.address, '-p', `${endpoint.port}`, '-u', '/cl'];
    for (const call of [[program, 'genhash'], [name]]) {
      const { stdout } = await execa(process.execPath, [...call, ...args]);
      assert.equal(stdout, hello);
      const help = await execa(process.execPath, [...call, '--help']);
      assert.equal(`${help.stdout}\n`, genhashUsage);
      const refused = [...call, ...args, '-p', '0'];
      const { exitCode, stdout: none } = await execa(process.execPath, refused, { reject: false });
      assert.deepEqual([exitCode, none], [1, '']);
    }
  });

  it('ends quietly when nobody reads its output any more', async (t) => {
    const { endpoint } = await page(t, `HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(2_000_000)}`);
    const args = ['-s', endpoint.address, '-p', `${endpoint.port}`, '-u', '/', '-v'];
    const call = execa(process.execPath, [program, 'genhash', ...args], {
      reject: false,
      buffer: { stdout: false },
    });
    call.stdout.once('data', () => call.stdout.destroy());
    const { exitCode, stderr } = await call;
    assert.deepEqual([exitCode, stderr], [1, '']);
  });
});

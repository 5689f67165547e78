import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { callGenhashWith } from '../support/call-genhash.ts';
import type { CallResult } from '../support/call-ipvsd.ts';
import { type GenhashRun, genhashRuns } from '../support/genhash-runs.ts';
import { program } from '../support/ipvsd.ts';
import { type SegmentServer, segmentServer } from '../support/segment-server.ts';

/** Longer than any run here takes by itself. */
const limitMs = 60_000;

const own = [process.execPath, program, 'genhash', '--compat'];

/** Most runs of ours are made in this process: Node takes seconds to start in a slow kernel. */
const here = async (args: readonly string[]): Promise<CallResult> =>
  comparable(await callGenhashWith(['--compat', ...args]));

describe("genhash of Debian's keepalived beside ours with --compat", () => {
  for (const run of [...genhashRuns.recorded, ...genhashRuns.further, ...genhashRuns.verbose]) {
    it(run.name, async (t) => {
      const server = await segmentServer(t, unhurried(run));
      const args = [...target(server), '-u', '/cl', ...(run.args ?? [])];
      const theirs = await call(['genhash', ...args]);
      assert.equal(theirs.exitCode, 0);
      assert.ok(theirs.stdout.includes(run.stdout), theirs.stdout);
      assert.deepEqual(await here(args), theirs);
      // a server that answers nothing because it is asked for TLS may have got any first bytes
      if (!theirs.stdout.startsWith('SSL handshake') && !theirs.stdout.startsWith('Connection')) {
        const [asked, ...rest] = server.requests;
        assert.deepEqual(rest, server.requests.length > 0 ? [asked] : []);
      }
    });
  }

  it('is asked the same', async (t) => {
    const server = await segmentServer(t, { segments: ['HTTP/1.0 200 OK\r\n\r\n'] });
    const secure = await segmentServer(t, {
      segments: ['HTTP/1.0 200 OK\r\n\r\n'],
      transport: 'tls',
    });
    const name = ['-V', 'a.example'];
    for (const [where, args] of [
      [server, ['-u', '/cl']],
      [server, ['-u', 'a b?c=%20', '-P', '1.0c']],
      [server, ['--url=/ä', '--protocol', '1.0C', '--use-virtualhost=']],
      [server, ['-u', '/x', '-u', '/y', '-P', '1.1', ...name]],
      [secure, ['-Su', '/cl']],
      [secure, ['-SIu', '/cl', ...name]],
      [secure, ['--use-ss', '--use-sn', '--ur', '/cl']],
    ] as const) {
      const words = [...target(where), ...args];
      assert.deepEqual(await call([...own, ...words]), await call(['genhash', ...words]));
      const [ours, theirs] = where.requests.slice(-2);
      assert.equal(ours, theirs);
      assert.match(ours ?? '', /^GET .*\r\n\r\n$/s);
    }
    assert.deepEqual(secure.serverNames, [false, false, 'a.example', 'a.example', false, false]);
  });

  it('refuses the same calls', async () => {
    const good = ['-s', '127.0.0.1', '-p', '1', '-u', '/'];
    for (const args of [
      good,
      [],
      ['-v'],
      ['-h'],
      [...good, '--help'],
      good.slice(2),
      good.slice(0, 4),
      [...good, '-s', 'localhost'],
      [...good, '-p', '65536'],
      [...good, '-p', '+1'],
      [...good, '-t', '1x'],
      [...good, '-t', '-1'],
      [...good, '-m', '0x10'],
      [...good, '-P', '2'],
      [...good, '-P'],
      [...good, '-H', 'MD5'],
      [...good, '-SZ'],
      [...good, '--use'],
      [...good, '--use-ssl=1'],
      [...good, '--url='],
      [...good, '-u', '-v'],
      [...good, '--'],
      [...good, '--', 'a'],
      [...good, '-'],
      ['a', ...good, 'b'],
      ['-s', '::1', ...good.slice(2)],
      ['-s', 'x', '-h'],
    ]) {
      const theirs = await call(['genhash', ...args]);
      const ours = await here(args);
      const subject = args.join(' ');
      const words = ({ stdout, exitCode }: CallResult) => ({ stdout, exitCode, subject });
      assert.deepEqual(words(ours), words(theirs));
      // the words about the call itself; the usage after them is ours
      const [first = ''] = theirs.stderr.split('\n');
      if (!first.startsWith('Usage')) assert.equal(ours.stderr.split('\n')[0], first, subject);
    }
  });
});

/** Reads show in some runs: each segment is to be read before the next comes, in a slow kernel too. */
function unhurried({ answer }: GenhashRun): GenhashRun['answer'] {
  return { ...answer, pauseMs: answer.pauseMs ?? 400 };
}

function target({ endpoint }: SegmentServer): readonly string[] {
  return ['-s', endpoint.address, '-p', String(endpoint.port)];
}

/** Runs it to its end. */
async function call([command = '', ...args]: readonly string[]): Promise<CallResult> {
  const { exitCode, stdout, stderr } = await execa(command, args, {
    reject: false,
    stdin: 'ignore',
    encoding: 'latin1',
    stripFinalNewline: false,
    timeout: limitMs,
  });
  return comparable({ exitCode, stdout, stderr });
}

/** How long a page took is not compared. */
function comparable(result: CallResult): CallResult {
  return { ...result, stdout: result.stdout.replace(/= \d+ usecs\n$/, '= N usecs\n') };
}

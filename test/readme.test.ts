import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { actions } from '../src/cli/ldirectord.ts';
import type { Snapshot } from '../src/status/snapshot.ts';
import { statusText } from '../src/status/text.ts';
import { assertCall } from './support/known-call.ts';
import { packageFolder, readme, readmeBlock } from './support/readme.ts';

describe('README.md', () => {
  it('shows the status as it is printed', () => {
    const picture = `# ipvsd status\n${statusText(pictured, new Date(at(7)))}`;
    assert.equal(readmeBlock('What you see'), picture);
  });

  it('has npm commands that exist', () => {
    const { scripts } = manifest();
    const commands = [...readme().matchAll(/\bnpm (?:run ([\w:]+)|([\w]+))/g)];
    assert.ok(commands.length >= 6);
    for (const [command, script, builtIn] of commands) {
      if (script !== undefined || builtIn === 'test') {
        assert.ok(Object.hasOwn(scripts, script ?? 'test'), command);
      } else {
        assert.ok(['ci', 'pack', 'install', 'root'].includes(builtIn ?? ''), command);
      }
    }
  });

  it('has calls that the usage knows', () => {
    const lines = readmeBlock('Use it').trimEnd().split('\n');
    for (const line of lines) assertCall(line);
  });

  it('names all actions of ldirectord', () => {
    const block = readmeBlock('Use it');
    const comments = block.split('\n').map((line) => /# (.*)/.exec(line)?.[1] ?? '');
    const start = comments.findIndex((comment) => comment.startsWith('as ldirectord: '));
    const listed = comments
      .slice(start, start + 2)
      .join(' ')
      .replace('as ldirectord: ', '');
    assert.deepEqual(listed.split(/, +/), [...actions]);
  });

  it('points to files that are there', () => {
    const [, more = ''] = readme().split('\n## More\n');
    const links = [...readme().matchAll(/\]\((\S+)\)/g), ...more.matchAll(/`([\w./]+)`/g)];
    const files = links.map(([, file = '']) => file);
    assert.ok(files.length >= 12);
    for (const file of files) assert.ok(existsSync(`${packageFolder}${file}`), file);
  });

  it('says which Node it needs', () => {
    const [, version] = />=(\S+)/.exec(manifest().engines.node) ?? [];
    assert.ok(readme().includes(`Node ${version} or later`));
  });
});

function manifest() {
  const schema = z.object({
    scripts: z.record(z.string(), z.string()),
    engines: z.object({ node: z.string() }),
  });
  return schema.parse(JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')));
}

function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();
}

const real = { forward: 'gate', configuredWeight: 1, failures: 0, failureCount: 1 } as const;

/** The moment that README.md shows. */
const pictured: Snapshot = {
  version: '0.1.0',
  instance: 'ldirectord.cf',
  pid: 35,
  config: '/etc/ha.d/ldirectord.cf',
  backend: 'netlink',
  state: 'running',
  role: 'active',
  roleSince: at(0),
  startedAt: at(0),
  takenAt: at(7),
  verifiedAt: at(7),
  verifyIntervalMs: 1000,
  pending: [],
  driftRepairs: 0,
  kernelSettings: [],
  networkNamespace: 'net:[1]',
  virtuals: [
    {
      key: 'tcp:10.9.0.200:80',
      service: 'tcp 10.9.0.200:80',
      label: '10.9.0.200:80',
      protocol: 'tcp',
      scheduler: 'rr',
      persistentS: 0,
      present: true,
      reals: [
        {
          ...real,
          key: '10.9.0.101:80',
          address: '10.9.0.101:80',
          health: 'down',
          since: at(3),
          kernel: { weight: 0, activeConnections: 6, inactiveConnections: 60 },
          check: 'http 10.9.0.101:80 /ldirector.html',
          lastCheck: { up: false, reason: 'connection refused', durationMs: 24, at: at(6) },
        },
        {
          ...real,
          key: '10.9.0.102:80',
          address: '10.9.0.102:80',
          health: 'up',
          since: at(0),
          kernel: { weight: 1, activeConnections: 112, inactiveConnections: 204 },
          check: 'http 10.9.0.102:80 /ldirector.html',
          lastCheck: { up: true, reason: '200 OK', durationMs: 3, at: at(7) },
        },
      ],
      fallbacks: [{ address: '127.0.0.1:80', forward: 'gate', active: false }],
    },
  ],
};

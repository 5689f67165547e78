import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ManagedServices } from '../../src/daemon/managed-services.ts';
import { temporaryDirectory } from '../support/script.ts';

const [web, mail, dns] = ['tcp 10.9.0.30:80', 'tcp 10.9.0.30:25', 'udp 10.9.0.30:53'] as const;

function folder(t: TestContext, parent = temporaryDirectory(t)) {
  const problems: string[] = [];
  const open = (instance: string, changes: { alive?: boolean; namespace?: string } = {}) =>
    new ManagedServices({
      path: join(parent, 'run', `${instance}.services`),
      onProblem: (problem) => problems.push(problem),
      namespace: changes.namespace ?? 'net:[1]',
      isAlive: () => changes.alive ?? true,
    });
  return { parent, problems, open };
}

describe('ManagedServices', () => {
  it('are recalled by the next daemon of the same instance and network namespace', (t) => {
    const { open, parent } = folder(t);
    const first = open('a.cf');
    assert.deepEqual(first.recalled, new Set());
    first.keepAtStop(new Set([dns, 'tcp 10.9.0.99:80']));
    first.remember(new Set([web, mail, dns]));
    const next = open('a.cf');
    assert.deepEqual(next.recalled, new Set([web, mail, dns]));
    assert.deepEqual(next.recalledKept, new Set([dns]));
    assert.deepEqual(open('b.cf').recalled, new Set());
    assert.equal(next.elsewhere, undefined);
    const other = open('a.cf', { namespace: 'net:[2]' });
    assert.deepEqual([other.recalled, other.elsewhere], [new Set(), 'net:[1]']);
    assert.deepEqual(readdirSync(join(parent, 'run')), ['a.cf.services']);
    next.forget();
    assert.deepEqual(open('a.cf').recalled, new Set());
  });

  it('follow every change', (t) => {
    const { open } = folder(t);
    const services = open('a.cf');
    for (const keys of [[web], [mail], [mail, web], []]) {
      services.remember(new Set(keys));
      assert.deepEqual(open('a.cf').recalled, new Set(keys));
    }
  });

  it('are shared with other living instances of the same network namespace', (t) => {
    const { open } = folder(t);
    open('b.cf').remember(new Set([web, mail]));
    open('c.cf', { namespace: 'net:[2]' }).remember(new Set([web]));
    const ours = open('a.cf');
    ours.remember(new Set([web, dns]));
    const shared = [{ service: web, instance: 'b.cf' }];
    assert.deepEqual(ours.shared(new Set([web, dns])), shared);
    assert.deepEqual(open('a.cf', { alive: false }).shared(new Set([web, dns])), []);
  });

  it('are none when the file is not what it should be', (t) => {
    const { open, parent } = folder(t);
    open('a.cf').remember(new Set([web]));
    for (const text of ['', '{}', '[1]', '{"services":[1]}']) {
      writeFileSync(join(parent, 'run/a.cf.services'), text);
      assert.deepEqual(open('a.cf').recalled, new Set());
      assert.deepEqual(open('b.cf').shared(new Set([web])), []);
    }
  });

  it('say once that they cannot be remembered', (t) => {
    const { open, problems, parent } = folder(t);
    writeFileSync(join(parent, 'run'), '');
    const services = open('a.cf');
    services.remember(new Set([web]));
    services.remember(new Set([mail]));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /a\.cf\.services: cannot be written, after a crash .*: /);
    assert.equal(existsSync(join(parent, 'run/a.cf.services')), false);
  });
});

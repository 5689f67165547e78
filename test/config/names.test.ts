import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseServices, systemResolver } from '../../src/config/names.ts';

describe('parseServices', () => {
  it('reads names, aliases and protocols', () => {
    const ports = parseServices('# c\nhttp\t\t80/tcp\twww # web\ndomain 53/tcp\ndomain 53/udp\n');
    assert.deepEqual(
      [...ports],
      [
        ['http/tcp', 80],
        ['www/tcp', 80],
        ['domain/tcp', 53],
        ['domain/udp', 53],
      ],
    );
  });

  it('keeps the first of several lines and passes over what is none', () => {
    const ports = parseServices('x 1/tcp\nx 2/tcp\njunk\ny 3/tcp/udp\nz tcp\n\n');
    assert.deepEqual([...ports], [['x/tcp', 1]]);
  });
});

describe('systemResolver', () => {
  const resolver = systemResolver();

  it('knows the services of the checks on any machine', async () => {
    assert.equal(await resolver.servicePort('http', 'tcp'), 80);
    assert.equal(await resolver.servicePort('domain', 'udp'), 53);
    assert.equal(await resolver.servicePort('no-such-service', 'tcp'), undefined);
  });

  it('looks up the name of this machine', async () => {
    assert.equal(await resolver.lookup('localhost', 'inet'), '127.0.0.1');
    assert.equal(await resolver.lookup('no-such-host.invalid', 'inet'), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ipvsadmObjection } from '../../src/backend/ipvsadm-limits.ts';
import type { Destination, Operation } from '../../src/ipvs-netlink/model.ts';
import { mark, server, service, web } from '../contract/sample-table.ts';

describe('ipvsadmObjection', () => {
  it('refuses a routed server at another port, which ipvsadm would move', () => {
    assert.equal(
      ipvsadmObjection(adding(server('10.9.0.2', 8080, { forwarding: 'route' }))),
      'ipvsadm: expected port 80 as its service with route forwarding, got "8080"',
    );
    assert.equal(
      ipvsadmObjection(adding(server('10.9.0.2', 80, { forwarding: 'route' }))),
      undefined,
    );
    assert.equal(ipvsadmObjection(adding(server('10.9.0.2', 8080))), undefined);
  });

  it('lets a server of a mark have any port, and any server go', () => {
    const routed = server('10.9.0.2', 8080, { forwarding: 'route' });
    assert.equal(
      ipvsadmObjection({ kind: 'add-destination', service: mark, destination: routed }),
      undefined,
    );
    assert.equal(
      ipvsadmObjection({ kind: 'delete-destination', service: web, destination: routed.id }),
      undefined,
    );
  });

  it('refuses forwarding that ipvsadm has no word for', () => {
    for (const forwarding of ['local', 'bypass'] as const) {
      assert.equal(
        ipvsadmObjection(adding(server('10.9.0.2', 80, { forwarding }))),
        `ipvsadm: expected masq, route or tunnel forwarding, got "${forwarding}"`,
      );
    }
  });

  it('refuses words that would be read as more than one', () => {
    for (const scheduler of ['rr -o', 'rr\n-C', '"rr"', '', '$(id)']) {
      assert.equal(
        ipvsadmObjection({ kind: 'add-service', service: service(web, { scheduler }) }),
        `ipvsadm: expected a plain word, got ${JSON.stringify(scheduler)}`,
      );
    }
  });
});

function adding(destination: Destination): Operation {
  return { kind: 'add-destination', service: web, destination };
}

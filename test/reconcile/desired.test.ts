import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverKey } from '../../src/config/keys.ts';
import type { VirtualServer } from '../../src/config/model.ts';
import { destinationKey, serviceKey } from '../../src/ipvs-netlink/keys.ts';
import { clearedServices, desired } from '../../src/reconcile/desired.ts';
import type { Admin } from '../../src/reconcile/pool.ts';
import { config, localFallback, real, virtual } from '../support/builders.ts';

/** The destinations of one virtual as `address:port weight`, with servers up by their key. */
function weights(wanted: VirtualServer, up: readonly string[], admin: Admin = new Map()) {
  const health = new Map(up.map((key) => [serverKey(wanted, { key }), { up: true }]));
  const [service] = desired(config(wanted), health, admin);
  return service?.destinations.map((d) => `${destinationKey(d.id)} ${d.weight}`);
}

describe('desired: which servers take traffic', () => {
  const v = virtual({
    reals: [real('10.9.0.2'), real('10.9.0.3', { weight: 5 })],
    fallbacks: [localFallback],
  });
  const both = ['10.9.0.2:80', '10.9.0.3:80'];
  const order = (key: string, what: 'drain' | 'disable'): Admin =>
    new Map([[serverKey(v, { key }), what]]);

  it('puts servers that are up in with their weights, and no fallback', () => {
    assert.deepEqual(weights(v, both), ['10.9.0.2:80 1', '10.9.0.3:80 5']);
  });
  it('leaves a down server out with quiescent=no', () => {
    assert.deepEqual(weights(v, ['10.9.0.3:80']), ['10.9.0.3:80 5']);
  });
  it('gives a down server weight 0 with quiescent=yes', () => {
    const quiescent = { ...v, quiescent: true };
    assert.deepEqual(weights(quiescent, ['10.9.0.3:80']), ['10.9.0.2:80 0', '10.9.0.3:80 5']);
  });
  it('puts the fallback in when all are down', () => {
    assert.deepEqual(weights(v, []), ['127.0.0.1:80 1']);
  });
  it('puts the fallback in beside quiescent servers', () => {
    const quiescent = { ...v, quiescent: true };
    assert.deepEqual(weights(quiescent, []), ['10.9.0.2:80 0', '10.9.0.3:80 0', '127.0.0.1:80 1']);
  });
  it('leaves the service empty when all are down and there is no fallback', () => {
    assert.deepEqual(weights(virtual(), []), []);
  });
  it('keeps a drained server at weight 0 though quiescent=no', () => {
    assert.deepEqual(weights(v, both, order('10.9.0.2:80', 'drain')), [
      '10.9.0.2:80 0',
      '10.9.0.3:80 5',
    ]);
  });
  it('treats a disabled server as down', () => {
    assert.deepEqual(weights(v, both, order('10.9.0.2:80', 'disable')), ['10.9.0.3:80 5']);
  });
  it('puts the fallback in when the last live server is drained', () => {
    assert.deepEqual(weights(v, ['10.9.0.2:80'], order('10.9.0.2:80', 'drain')), [
      '10.9.0.2:80 0',
      '127.0.0.1:80 1',
    ]);
  });
  it('counts a server with weight 0 in the file as up, as ldirectord does', () => {
    const parked = virtual({
      reals: [real('10.9.0.2', { weight: 0 })],
      fallbacks: [localFallback],
    });
    assert.deepEqual(weights(parked, ['10.9.0.2:80']), ['10.9.0.2:80 0']);
  });
  it('lets the fallback take the place of a quiescent server with the same address', () => {
    const same = virtual({
      quiescent: true,
      reals: [real('127.0.0.1')],
      fallbacks: [localFallback],
    });
    assert.deepEqual(weights(same, []), ['127.0.0.1:80 1']);
  });
  it('needs all lines of one destination to be up', () => {
    const twice = virtual({
      reals: [real('10.9.0.2'), real('10.9.0.2', { key: '10.9.0.2:80#2' })],
    });
    assert.deepEqual(weights(twice, ['10.9.0.2:80', '10.9.0.2:80#2']), ['10.9.0.2:80 1']);
    assert.deepEqual(weights(twice, ['10.9.0.2:80']), []);
    assert.deepEqual(weights(twice, ['10.9.0.2:80#2']), []);
  });
  it('resets both thresholds of a quiescent server', () => {
    const limited = virtual({
      quiescent: true,
      reals: [real('10.9.0.2', { upperThreshold: 100, lowerThreshold: 50 })],
    });
    const [up] = desired(
      config(limited),
      new Map([['tcp:10.9.0.30:80 10.9.0.2:80', { up: true }]]),
      new Map(),
    );
    const [down] = desired(config(limited), new Map(), new Map());
    const thresholds = (s: typeof up) =>
      s?.destinations.map((d) => [d.upperThreshold, d.lowerThreshold]);
    assert.deepEqual(thresholds(up), [[100, 50]]);
    assert.deepEqual(thresholds(down), [[0, 0]]);
  });
});

describe('desired: minservers', () => {
  const v = virtual({
    reals: [real('10.9.0.2'), real('10.9.0.3'), real('10.9.0.4'), real('10.9.0.5')],
    fallbacks: [localFallback],
  });
  /** Who serves, when the servers were lost at those times; `up`, or undefined for never up. */
  const serving = (
    minServers: NonNullable<VirtualServer['minServers']>,
    lost: readonly (number | 'up' | undefined)[],
    admin: Admin = new Map(),
  ) => {
    const guarded = { ...v, minServers };
    const health = new Map(
      v.reals.map((r, i) => {
        const at = lost[i];
        const condition =
          typeof at === 'number' ? { up: false, lostAtMs: at } : { up: at === 'up' };
        return [serverKey(v, r), condition];
      }),
    );
    const [service] = desired(config(guarded), health, admin);
    return service?.destinations.map((d) => d.id.address);
  };
  const fallback = ['127.0.0.1'];

  it('keeps those that were lost last, as many as it takes', () => {
    assert.deepEqual(serving({ count: 2 }, [1, 3, 2, 4]), ['10.9.0.3', '10.9.0.5']);
    assert.deepEqual(serving({ count: 2 }, ['up', 3, 2, 4]), ['10.9.0.2', '10.9.0.5']);
  });
  it('does nothing while enough are up', () => {
    assert.deepEqual(serving({ count: 2 }, ['up', 'up', 2, 4]), ['10.9.0.2', '10.9.0.3']);
  });
  it('counts a percentage of the servers in the file, rounded up', () => {
    assert.deepEqual(serving({ percent: 26 }, [1, 2, 3, 4]), ['10.9.0.4', '10.9.0.5']);
    assert.deepEqual(serving({ percent: 25 }, [1, 2, 3, 4]), ['10.9.0.5']);
  });
  it('never puts in a server that has not been up', () => {
    assert.deepEqual(serving({ count: 2 }, [undefined, undefined, 1, undefined]), ['10.9.0.4']);
    assert.deepEqual(serving({ count: 2 }, []), fallback);
  });
  it('leaves alone what the operator has ordered', () => {
    const order: Admin = new Map([[serverKey(v, { key: '10.9.0.5:80' }), 'disable']]);
    assert.deepEqual(serving({ count: 1 }, [1, 2, 3, 4], order), ['10.9.0.4']);
  });
});

describe('desired: persistentclean', () => {
  it('takes a failed server out though quiescent=yes, and still drains with weight 0', () => {
    const v = virtual({ quiescent: true, persistentClean: true });
    assert.deepEqual(weights(v, ['10.9.0.3:80']), ['10.9.0.3:80 1']);
    const drain: Admin = new Map([[serverKey(v, { key: '10.9.0.2:80' }), 'drain']]);
    assert.deepEqual(weights(v, ['10.9.0.2:80', '10.9.0.3:80'], drain), [
      '10.9.0.2:80 0',
      '10.9.0.3:80 1',
    ]);
  });
});

describe('desired: persistentclean and maintenance', () => {
  const v = virtual({ quiescent: true, persistentClean: true });
  const order: Admin = new Map([[serverKey(v, { key: '10.9.0.2:80' }), 'disable']]);

  it('leaves a server that is well its clients, and ends them when it fails', () => {
    const both = ['10.9.0.2:80', '10.9.0.3:80'];
    assert.deepEqual(weights(v, both, order), ['10.9.0.2:80 0', '10.9.0.3:80 1']);
    assert.deepEqual(weights(v, ['10.9.0.3:80'], order), ['10.9.0.3:80 1']);
    const out = virtual({ quiescent: false, persistentClean: true });
    assert.deepEqual(weights(out, both, order), ['10.9.0.3:80 1']);
  });
});

describe('desired: from the words of the file to those of the kernel', () => {
  const one = (v: VirtualServer) => {
    const [service] = desired(
      config(v),
      new Map(v.reals.map((r) => [serverKey(v, r), { up: true }])),
      new Map(),
    );
    assert.ok(service);
    return service;
  };

  it('gives gate and ipip servers the port of the virtual, masq its own', () => {
    const reals = [
      real('10.9.0.2', { port: 8080, forward: 'gate' }),
      real('10.9.0.3', { port: 8080, forward: 'ipip' }),
      real('10.9.0.4', { port: 8080, forward: 'masq' }),
    ];
    assert.deepEqual(
      one(virtual({ reals })).destinations.map((d) => [
        destinationKey(d.id),
        d.forwarding,
        d.tunnel,
      ]),
      [
        ['10.9.0.2:80', 'route', undefined],
        ['10.9.0.3:80', 'tunnel', { type: 'ipip', port: 0, checksum: 'nocsum' }],
        ['10.9.0.4:8080', 'masq', undefined],
      ],
    );
  });
  it('keeps the port of a server behind a firewall mark', () => {
    const v = virtual({
      id: { family: 'inet', fwmark: 5 },
      reals: [real('10.9.0.2', { port: 0 })],
    });
    assert.deepEqual(one(v).id, { family: 'inet', fwmark: 5 });
    assert.deepEqual(
      one(v).destinations.map((d) => destinationKey(d.id)),
      ['10.9.0.2:0'],
    );
  });
  it('passes a netmask on only together with persistence', () => {
    const netmask = '255.255.255.0';
    assert.equal(one(virtual({ netmask })).persistenceNetmask, '255.255.255.255');
    assert.equal(one(virtual({ netmask, persistentS: 60 })).persistenceNetmask, netmask);
  });
  it('passes ops on only for udp', () => {
    assert.equal(one(virtual({ onePacket: true })).onePacket, false);
    const id = { family: 'inet', protocol: 'udp', address: '10.9.0.30', port: 53 } as const;
    assert.equal(one(virtual({ id, onePacket: true })).onePacket, true);
  });
  it('knows the flags of a scheduler by name', () => {
    const v = virtual({ scheduler: 'sh', schedulerFlags: ['sh-port', 'sh-fallback'] });
    assert.equal(one(v).schedulerFlags, 0x18);
  });
});

describe('desired: what it need not build again', () => {
  const first = virtual();
  const second = virtual({ id: { family: 'inet', fwmark: 5 } });
  const file = config(first, second);
  const health = (up: boolean) =>
    new Map(
      [first, second].flatMap((v) => v.reals.map((r) => [serverKey(v, r), { up: true }])),
    ).set(serverKey(first, { key: '10.9.0.2:80' }), { up });

  it('gives the same object for a virtual whose servers are as they were, a new one otherwise', () => {
    const before = desired(file, health(true), new Map());
    const after = desired(file, health(false), new Map());
    assert.equal(after[1], before[1]);
    assert.notDeepEqual(after[0], before[0]);
    assert.deepEqual(desired(file, health(true), new Map()), before);
  });
  it('wants nothing of a table that is to be cleared, and names what is to go', () => {
    assert.deepEqual(desired(file, health(true), new Map(), new Set(), 'clear'), []);
    const keys = file.virtuals.map(({ id }) => serviceKey(id));
    assert.deepEqual([...clearedServices(file, 'clear')], keys);
    assert.deepEqual([...clearedServices(file, 'keep')], []);
  });
  it('sees an order, which changes no health', () => {
    const order: Admin = new Map([[serverKey(second, { key: '10.9.0.3:80' }), 'drain']]);
    const [, plain] = desired(file, health(true), new Map());
    const [, drained] = desired(file, health(true), order);
    assert.deepEqual(
      drained?.destinations.map(({ weight }) => weight),
      [1, 0],
    );
    assert.deepEqual(
      plain?.destinations.map(({ weight }) => weight),
      [1, 1],
    );
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runBoth } from '../support/ldirectord.ts';
import { seed002, seed004 } from '../support/seeds.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const reals = ['10.9.0.101', '10.9.0.102'];

/** What the published files give; the same is asked of ldirectord and of ipvsd. */
const seeds = [
  {
    name: 'seed 002 (NAT, wlc, persistence, removal)',
    text: seed002({ vip, reals }),
    service: `-A -t ${vip}:80 -s wlc -p 50`,
    up: [`-a -t ${vip}:80 -r 10.9.0.101:80 -m -w 20`, `-a -t ${vip}:80 -r 10.9.0.102:80 -m -w 8`],
    down: [],
    fallback: `-a -t ${vip}:80 -r ${vip}:80 -m -w 1`,
  },
  {
    name: 'seed 004 (direct routing, rr, quiescent)',
    text: seed004({ vip, reals }),
    service: `-A -t ${vip}:80 -s rr`,
    up: [`-a -t ${vip}:80 -r 10.9.0.101:80 -g -w 1`, `-a -t ${vip}:80 -r 10.9.0.102:80 -g -w 1`],
    down: [`-a -t ${vip}:80 -r 10.9.0.101:80 -g -w 0`, `-a -t ${vip}:80 -r 10.9.0.102:80 -g -w 0`],
    fallback: `-a -t ${vip}:80 -r 127.0.0.1:80 -g -w 1`,
  },
] as const;

describe("the seeds' files give the table that ldirectord gives after its first pass", () => {
  let net: Topology;
  let servers: readonly NginxServer[];
  /** ldirectord's table, after ipvsd's was found to be the same. */
  const tableOf = async (text: string) => {
    const directory = `${net.directory}/etc`;
    const { theirs, ours } = await runBoth(net.director, { directory, text, checks: 2 });
    assert.deepEqual(ours.table, theirs.table);
    assert.deepEqual([theirs.left, ours.left], [[], []]);
    return theirs.table.saved;
  };

  before(async () => {
    net = await createTopology();
    const pages = { '/ldirector.html': 'Test Page' };
    servers = await Promise.all(net.reals.map((real) => real.nginx({ pages })));
    await net.addVirtualAddress(vip);
  });
  after(() => net?.teardown());

  for (const { name, text, service, up } of seeds) {
    it(`${name}: all up`, async () => {
      assert.deepEqual(await tableOf(text), [service, ...up]);
    });
  }

  describe('with the first server killed', () => {
    before(() => servers[0]?.kill());
    for (const { name, text, service, up, down } of seeds) {
      it(name, async () => {
        assert.deepEqual(await tableOf(text), [service, ...down.slice(0, 1), ...up.slice(1)]);
      });
    }
  });

  describe('with both killed', () => {
    before(() => servers[1]?.kill());
    for (const { name, text, service, down, fallback } of seeds) {
      it(name, async () => {
        assert.deepEqual(await tableOf(text), [service, ...down, fallback]);
      });
    }
  });
});

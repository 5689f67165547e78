import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordedTable, readTable } from '../support/differential/table.ts';
import { createPlace, type Place } from '../support/keepalived-differential/place.ts';
import {
  imported,
  type Running,
  startIpvsd,
  startKeepalived,
} from '../support/keepalived-differential/programs.ts';
import { watchTable } from '../support/table-watch.ts';

const patienceMs = 90_000;
/** Too long for any check to come before a test is over. */
const never = 'warmup 1000000';
const service = '-A -t 10.9.0.30:80 -s rr';
const server = (last: number, weight: number) =>
  `-a -t 10.9.0.30:80 -r 10.9.0.${last}:80 -m -w ${weight}`;

/** A service of 10.9.0.2 and 10.9.0.3, both checked by a connect. */
function fileText(parts: {
  readonly rhythm?: string;
  readonly check?: string;
  readonly threshold?: number;
  readonly weight?: number;
  readonly more?: string;
}): string {
  return `virtual_server 10.9.0.30 80 {
    delay_loop 1
    delay_before_retry 0.5
    ${parts.rhythm ?? 'warmup 0'}
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    ${parts.more ?? ''}
    real_server 10.9.0.2 80 {
        weight 1
        uthreshold ${parts.threshold ?? 100}
        TCP_CHECK {
            ${parts.check ?? ''}
        }
    }
    real_server 10.9.0.3 80 {
        weight ${parts.weight ?? 1}
        TCP_CHECK {
        }
    }
}
`;
}

// Each of these is told of in ipvsd.cf(5) or by "ipvsd import", and is what ipvsd is for.
describe('what ipvsd does otherwise than keepalived, on the same file', () => {
  let place: Place;
  before(async () => {
    place = await createPlace(2, 'refusing');
  });
  after(() => place?.teardown());

  /** Both programs on a text; they end with the test. */
  async function both(
    t: TestContext,
    text: string,
  ): Promise<{
    readonly keepalived: Running;
    readonly ipvsd: Running;
    readonly edit: (text: string) => void;
  }> {
    const [theirs, ours] = place.balancers;
    assert.ok(theirs && ours, 'two hosts');
    const folder = path.join(place.directory, t.name.replace(/\W+/g, '-'));
    const paths = ['keepalived', 'ipvsd'].map((name) => path.join(folder, name, 'lb.conf'));
    const [theirPath = '', ourPath = ''] = paths;
    const write = (content: string): void => {
      for (const file of paths) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    };
    write(text);
    const keepalived = await startKeepalived(theirs, theirPath);
    t.after(() => keepalived.daemon.stop());
    const ipvsd = await startIpvsd(ours, ourPath);
    t.after(() => ipvsd.daemon.stop());
    const edit = (content: string): void => {
      write(content);
      writeFileSync(ourPath.replace(/\.conf$/, '.cf'), imported(ourPath));
      for (const { daemon } of [keepalived, ipvsd]) daemon.signal('SIGHUP');
    };
    return { keepalived, ipvsd, edit };
  }

  it('no clients for a server before its first good check', async (t) => {
    await place.bring([2, 3]);
    const { keepalived, ipvsd } = await both(t, fileText({ rhythm: never }));
    await saved(keepalived, [service, server(2, 1), server(3, 1)]);
    await saved(ipvsd, [service]);
  });

  it('no moment without servers when the fallback comes and goes', async (t) => {
    await place.bring([]);
    const { keepalived, ipvsd } = await both(t, fileText({ more: 'sorry_server 10.9.0.9 80' }));
    const up = [service, server(2, 1), server(3, 1)];
    const sorry = [service, server(9, 1)];
    for (const running of [keepalived, ipvsd]) await saved(running, up);
    const watch = await watchTable(ipvsd.host);
    t.after(() => watch.stop());
    await place.bring([2, 3]);
    for (const running of [keepalived, ipvsd]) await saved(running, sorry);
    await place.bring([]);
    for (const running of [keepalived, ipvsd]) await saved(running, up);
    // keepalived takes the last server out before it adds the other one, both ways
    assert.match(
      keepalived.daemon.output(),
      /Removing service \[10\.9\.0\.\d\]:tcp:80 from VS.*Adding sorry server \[10\.9\.0\.9\].*Removing sorry server \[10\.9\.0\.9\].*Adding service \[10\.9\.0\.\d\]:tcp:80 to VS/s,
    );
    const pools = (await watch.stop()).map(({ lines }) => lines.filter((line) => line !== service));
    assert.ok(
      pools.some((pool) => pool.includes(server(9, 1))),
      'the fallback was seen',
    );
    assert.deepEqual(
      pools.filter((pool) => pool.length === 0),
      [],
    );
  });

  it('changed thresholds count after a reload', async (t) => {
    await place.bring([]);
    const { keepalived, ipvsd, edit } = await both(t, fileText({ threshold: 100 }));
    const up = [service, server(2, 1), server(3, 1)];
    for (const running of [keepalived, ipvsd]) await saved(running, up);
    edit(fileText({ threshold: 200, weight: 7 }));
    // the weight of the other server tells that the reload is done
    const theirs = await saved(keepalived, [service, server(2, 1), server(3, 7)]);
    const ours = await saved(ipvsd, [service, server(2, 1), server(3, 7)]);
    assert.ok(theirs.thresholds.includes(' -> 10.9.0.2:80 100 0 0 0'), theirs.thresholds.join());
    assert.ok(ours.thresholds.includes(' -> 10.9.0.2:80 200 0 0 0'), ours.thresholds.join());
  });

  it('a server that failed stays out when its check is edited', async (t) => {
    await place.bring([2]);
    const { keepalived, ipvsd, edit } = await both(t, fileText({}));
    for (const running of [keepalived, ipvsd]) await saved(running, [service, server(3, 1)]);
    edit(fileText({ check: 'connect_port 8080', rhythm: never, weight: 7 }));
    const theirs = await saved(keepalived, [service, server(3, 7), server(2, 1)]);
    assert.equal(theirs.saved.length, 3);
    await saved(ipvsd, [service, server(3, 7)]);
  });
});

/** Waits until the table has these lines, in any order. */
async function saved(running: Running, lines: readonly string[]): Promise<RecordedTable> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const table = await readTable(running.host);
    if (table.saved.toSorted().join('\n') === lines.toSorted().join('\n')) return table;
    if (performance.now() > deadline) {
      assert.deepEqual(table.saved, lines, running.daemon.output());
    }
    await sleep(100);
  }
}

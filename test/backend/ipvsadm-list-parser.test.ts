import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseListing } from '../../src/backend/ipvsadm-list-parser.ts';

// recorded from ipvsadm 1.31 on Linux 6.1
describe('parseListing', () => {
  it('reads thresholds and connections of every destination', () => {
    const rows = parseListing(fixture('thresholds.txt'));
    assert.equal(rows.size, 34);
    assert.deepEqual(rows.get('tcp 10.9.0.30:80 -> 10.9.0.2:80'), [100n, 50n, 0n, 0n]);
    assert.deepEqual(rows.get('tcp 10.9.0.30:80 -> 10.9.0.12:8080'), [70000n, 0n, 0n, 0n]);
    assert.deepEqual(rows.get('tcp 10.9.0.30:80 -> [fd00::9]:80'), [0n, 0n, 0n, 0n]);
    assert.deepEqual(rows.get('fwmark 5 inet -> 10.9.0.3:88'), [0n, 0n, 0n, 0n]);
    assert.deepEqual(rows.get('fwmark 4294967295 inet6 -> [fd00::3]:88'), [0n, 0n, 0n, 0n]);
    assert.deepEqual(
      rows.get(
        'tcp [2001:db8:1111:2222:3333:4444:5555:6666]:65535' +
          ' -> [2001:db8:1111:2222:3333:4444:5555:6667]:65535',
      ),
      [65535n, 65534n, 0n, 0n],
    );
  });

  it('reads connections while there is traffic', () => {
    const rows = parseListing(fixture('busy-thresholds.txt'));
    assert.deepEqual(rows.get('tcp 127.9.0.1:80 -> 127.0.0.1:8080'), [100n, 20n, 3n, 4n]);
    assert.deepEqual(rows.get('tcp 127.9.0.1:80 -> 127.0.0.2:8080'), [10n, 2n, 0n, 0n]);
  });

  it('reads totals and rates of services too', () => {
    const totals = parseListing(fixture('busy-stats.txt'));
    assert.deepEqual(totals.get('tcp 127.9.0.1:80'), [7n, 36n, 25n, 22928n, 22356n]);
    assert.deepEqual(totals.get('tcp 127.9.0.1:80 -> 127.0.0.2:8080'), [0n, 0n, 0n, 0n, 0n]);
    const rates = parseListing(fixture('busy-rates.txt'));
    assert.deepEqual(rates.get('tcp 127.9.0.1:80'), [0n, 3n, 2n, 1612n, 1572n]);
  });

  it('reads persistent connections', () => {
    const rows = parseListing(fixture('busy-persistent.txt'));
    assert.deepEqual(rows.get('tcp 127.9.0.1:80 -> 127.0.0.1:8080'), [1n, 1n, 3n, 4n]);
  });

  it('names the line that it does not understand', () => {
    const rows = ['  -> 10.0.0.1:80 1 2', 'ICMP 10.0.0.1:80 rr', 'TCP  web:http rr', 'FWM  0 rr'];
    for (const line of rows) {
      assert.throws(() => parseListing(line), {
        message: `ipvsadm -Ln: expected a service or server with its numbers, got "${line}"`,
      });
    }
    assert.throws(() => parseListing('FWM  5 rr\n  -> 10.0.0.1:80 1.5K 0'), /got " {2}-> 10\.0\.0/);
  });
});

function fixture(name: string): string {
  const url = new URL(`../../../fixtures/ipvsadm/${name}`, import.meta.url);
  return readFileSync(url, 'utf8');
}

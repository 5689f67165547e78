import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostNames, parseHosts, systemReverseLookup } from '../../src/daemon/host-names.ts';

describe('parseHosts', () => {
  it('has all names of an address, whatever its spelling, and no comments', () => {
    const text = `
# 10.9.0.9 not this
10.9.0.2\trs2.example.com rs2 # rs3
10.9.0.2 web
FD00:0::2  rs6
nonsense rs7
`;
    assert.deepEqual(
      [...parseHosts(text)],
      [
        ['10.9.0.2', ['rs2.example.com', 'rs2', 'web']],
        ['fd00::2', ['rs6']],
      ],
    );
  });
});

describe('HostNames', () => {
  it('asks for many at once, but not for all, each once', async () => {
    let running = 0;
    let most = 0;
    const asked: string[] = [];
    const names = new HostNames(async (address) => {
      asked.push(address);
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return [`host-${address}`];
    });
    const addresses = Array.from({ length: 100 }, (_, i) => `10.9.0.${i}`);
    await names.ask([...addresses, ...addresses]);
    assert.deepEqual([asked.length, most], [100, 16]);
    assert.deepEqual(names.of('10.9.0.7'), ['host-10.9.0.7']);
    assert.deepEqual(names.of('10.9.9.9'), []);
  });

  it('keeps what it knows while there is no answer', async () => {
    let answer: () => Promise<readonly string[]> = async () => ['rs2'];
    const names = new HostNames(() => answer());
    await names.ask(['10.9.0.2']);
    answer = async () => [];
    await names.ask(['10.9.0.2']);
    answer = () => Promise.reject(new Error('no DNS'));
    await names.ask(['10.9.0.2']);
    assert.deepEqual(names.of('10.9.0.2'), ['rs2']);
    answer = async () => ['new'];
    await names.ask(['10.9.0.2']);
    assert.deepEqual(names.of('10.9.0.2'), ['new']);
  });
});

describe('systemReverseLookup', () => {
  it('knows the names of /etc/hosts, also the first of a line', async (t) => {
    const names = await systemReverseLookup()('127.0.0.1');
    if (names.length === 0) t.skip('/etc/hosts has no 127.0.0.1');
    else assert.ok(names.includes('localhost'), String(names));
  });
});

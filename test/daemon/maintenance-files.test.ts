import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHostName, maintainedServers } from '../../src/daemon/maintenance-files.ts';
import { config, real, virtual } from '../support/builders.ts';

const id = { family: 'inet', protocol: 'tcp', address: '10.9.0.31', port: 443 } as const;
const six = { family: 'inet6', protocol: 'tcp', address: 'fd00::1', port: 80 } as const;
const file = config(
  virtual({ reals: [real('10.9.0.2'), real('10.9.0.3')] }),
  virtual({ id, reals: [real('10.9.0.2', { port: 443 })] }),
  virtual({ id: six, reals: [real('fd00::2')] }),
);
const hosts: Readonly<Record<string, readonly string[]>> = {
  '10.9.0.2': ['rs2.example.com', 'www.Example.com'],
  'fd00::2': ['rs6.example.com'],
};
const web = 'tcp:10.9.0.30:80 10.9.0.2:80';
const tls = 'tcp:10.9.0.31:443 10.9.0.2:443';
const v6 = 'tcp:[fd00::1]:80 [fd00::2]:80';

describe('maintainedServers', () => {
  const rows: readonly [string, readonly string[]][] = [
    ['10.9.0.2', [web, tls]],
    ['10.9.0.2:80', [web]],
    ['10.9.0.2:443', [tls]],
    ['10.9.0.2:81', []],
    ['rs2.example.com', [web, tls]],
    ['rs2.example.com:443', [tls]],
    ['rs2', [web, tls]],
    ['rs2:80', [web]],
    ['RS2', [web, tls]],
    ['www.example.com', [web, tls]],
    ['rs3', []],
    ['example.com', []],
    ['[fd00::2]', [v6]],
    ['[fd00::2]:80', [v6]],
    ['rs6:80', [v6]],
    ['.hidden', []],
    ['10.9.0.2.bak', []],
  ];
  for (const [name, servers] of rows) {
    it(`${name} is about ${servers.length === 0 ? 'nobody' : servers.join(' and ')}`, () => {
      const found = maintainedServers(file, [name, 'README'], (address) => hosts[address] ?? []);
      assert.deepEqual(
        [...found],
        servers.map((key) => [key, name]),
      );
    });
  }

  it('names of hosts count as soon as they are known, addresses at once', () => {
    const found = maintainedServers(file, ['rs2', '10.9.0.3'], () => []);
    assert.deepEqual([...found.values()], ['10.9.0.3']);
  });
});

describe('isHostName', () => {
  it('tells names from addresses', () => {
    for (const name of ['rs2', 'rs2:80', 'rs2.example.com', 'a_b-c']) assert.ok(isHostName(name));
    for (const name of ['10.9.0.2', '10.9.0.2:80', '[fd00::2]', '[fd00::2]:80', '.hidden', 'a b']) {
      assert.ok(!isHostName(name), name);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { fakeResolver } from '../../support/config-fixtures.ts';

const servers = '\treal=10.9.0.1 gate\n\tchecktype=ping\n';
const fallback = 'fallback=127.0.0.1:80\nfallback6=[::1]:80\n';

async function read(text: string) {
  const { config, diagnostics } = await parseConfig(fallback + text, 'a.cf', {
    resolver: fakeResolver(),
  });
  const marks = config?.virtuals.map(({ markFor }) => markFor);
  return { marks, said: diagnostics.map(diagnosticLine) };
}

describe('markfor', () => {
  it('says what gets the mark of its section', async () => {
    const { marks, said } = await read(
      `virtual=1\n\tmarkfor=10.9.0.200:80\n\tmarkfor=udp:10.9.0.200:0\n${servers}virtual=2\n${servers}`,
    );
    const packets = { family: 'inet', address: '10.9.0.200' };
    assert.deepEqual(said, []);
    assert.deepEqual(marks, [
      [
        { ...packets, protocol: 'tcp', port: 80, line: 4 },
        { ...packets, protocol: 'udp', port: 0, line: 5 },
      ],
      undefined,
    ]);
  });

  it('belongs to a mark of its family', async () => {
    const { said } = await read(`virtual=10.9.0.200:80\n\tmarkfor=10.9.0.200:81\n${servers}`);
    assert.deepEqual(said, [
      'a.cf:4:10: markfor: belongs into the section of a firewall mark (virtual = MARK)',
    ]);
    const other = await read(`virtual=1\n\tmarkfor=[fd00::1]:80\n${servers}`);
    assert.deepEqual(other.said, [
      'a.cf:4:10: markfor: expected an IPv4 address like that of the virtual server, got an IPv6 one',
    ]);
  });

  it('is refused where something else balances the packet, with the mark or without', async () => {
    const one = `virtual=1\n\tmarkfor=10.9.0.200:80\n${servers}`;
    const { said } = await read(`${one}virtual=2\n\tmarkfor=tcp:10.9.0.200:80\n${servers}`);
    assert.deepEqual(said, [
      'a.cf:8:10: markfor: tcp:10.9.0.200:80 is taken, line 4 has a mark for it',
    ]);
    const plain = await read(`${one}virtual=10.9.0.200:80\n${servers}`);
    assert.deepEqual(plain.said, [
      'a.cf:4:10: markfor: tcp:10.9.0.200:80 is taken, line 7 has a section for it',
    ]);
  });
});

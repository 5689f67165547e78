import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { importSavedTable, isSavedTable } from '../../src/cli/import-ipvsadm.ts';
import { findingLine } from '../../src/config/keepalived/finding.ts';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { fakeResolver } from '../support/config-fixtures.ts';
import { temporaryDirectory } from '../support/script.ts';

const saved = `-A -t 10.9.0.30:80 -s wrr -p 600 -M 255.255.255.0
-a -t 10.9.0.30:80 -r 10.9.0.2:8080 -m -w 5
-a -t 10.9.0.30:80 -r 10.9.0.3:80 -g -w 0
-a -t 10.9.0.30:80 -r 10.9.0.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
-a -t 10.9.0.30:80 -r [fd00:9::2]:80 -i -w 1 --tun-type ipip
-A -u 10.9.0.30:5060 -s sh -p 30 --pe sip -o -b sh-fallback,sh-port
-a -u 10.9.0.30:5060 -r 10.9.0.2:5060 -m -w 1
-A --sctp-service [fd00:9::30]:2905 -s rr
-a --sctp-service [fd00:9::30]:2905 -r [fd00:9::2]:2905 -m -w 1
-A -f -1 -6 -s lc -o
-a -f -1 -6 -r [fd00:9::3]:0 -g -w 2
`;

const converted = `# Written by "ipvsd import" from saved

virtual=10.9.0.30:80
        protocol=tcp
        scheduler=wrr
        persistent=600
        netmask=255.255.255.0
        checktype=connect
        real=10.9.0.2:8080 masq 5
        real=10.9.0.3:80 gate 0
        real=10.9.0.4:80 ipip tun:gue:6080:csum 1

virtual=10.9.0.30:5060
        protocol=udp
        scheduler=sh
        schedflags=sh-fallback,sh-port
        persistent=30
        persistentengine=sip
        ops=yes
        checktype=ping
        real=10.9.0.2:5060 masq 1

virtual6=[fd00:9::30]:2905
        protocol=sctp
        scheduler=rr
        checktype=ping
        real6=[fd00:9::2]:2905 masq 1

virtual6=4294967295
        scheduler=lc
        checktype=ping
        real6=[fd00:9::3] gate 2
`;

const check = 'as the kernel knows of no checks: put a better one there';

describe('importSavedTable', () => {
  it('writes the same table, with what the kernel does not know', async () => {
    const { text, findings } = await importSavedTable('saved', saved, fakeResolver());
    assert.equal(text, converted);
    assert.deepEqual(findings.map(findingLine), [
      'saved:1: thresholds: note: ipvsadm-save prints none: add u: and l: to the real lines that have some',
      `saved:1: checktype: note: real servers are checked by checktype=connect, ${check}`,
      'saved:1: -w: note: 10.9.0.3:80 has weight 0 and keeps it',
      'saved:1: -r: lost: [fd00:9::2]:80 is of another family than its service: it cannot be written here',
      `saved:6: checktype: note: real servers are checked by checktype=ping, ${check}`,
      `saved:8: checktype: note: real servers are checked by checktype=ping, ${check}`,
      `saved:10: checktype: note: real servers are checked by checktype=ping, ${check}`,
      'saved:10: -o: lost: ipvsd has one-packet scheduling for udp services, not for firewall marks',
    ]);
  });

  it('looks up the names that ipvsadm-save prints without -n', async () => {
    const names = `-A -t www.example.com:http -s wlc
-a -t www.example.com:http -r rs1.example.com:http-alt -m -w 1
-A -u www.example.com:domain -s rr
-a -u www.example.com:domain -r rs1.example.com:domain -m -w 1
`;
    const { text = '' } = await importSavedTable('saved', names, fakeResolver());
    assert.match(text, /^virtual=10\.9\.0\.30:80\n/m);
    assert.match(text, /real=10\.9\.0\.2:8080 masq 1/);
    assert.match(text, /^virtual=10\.9\.0\.30:53\n {8}protocol=udp/m);
  });

  it('names what is not known, or not of that form', async () => {
    const unknown = await importSavedTable('saved', '-A -t nowhere:http -s rr\n', fakeResolver());
    assert.equal(unknown.text, undefined);
    assert.deepEqual(unknown.findings.map(findingLine), [
      'saved:1: name: error: "nowhere:http" is not known here: save the table with "ipvsadm-save -n"',
    ]);
    const wrong = '-A -t 10.9.0.30:80 -s rr\n-a -t 10.9.0.30:80 -r 10.9.0.2:80 -m -w x\n';
    const { text, findings } = await importSavedTable('saved', wrong, fakeResolver());
    assert.equal(text, undefined);
    assert.match(findings.map(findingLine).join(), /^saved:2: line: error: .*a number after -w/);
  });
});

describe('isSavedTable', () => {
  it('goes by the lines', () => {
    assert.equal(isSavedTable(saved), true);
    assert.equal(isSavedTable(`# by hand\n\n${saved}`), true);
    assert.equal(isSavedTable('virtual_server 10.9.0.30 80 {\n}\n'), false);
    assert.equal(isSavedTable(''), false);
  });
});

describe('ipvsd import of a saved table', () => {
  it('tells it from a keepalived.conf by its content', async (t) => {
    const path = join(temporaryDirectory(t), 'ipvsadm.rules');
    writeFileSync(path, saved.split('\n').slice(5, 7).join('\n'));
    const { exitCode, stdout } = await callIpvsd('import', path);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^virtual=10\.9\.0\.30:5060$/m);
    const forced = await callIpvsd('import', path, '--from', 'keepalived');
    assert.equal(forced.exitCode, 2);
  });
});

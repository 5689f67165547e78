import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { program } from '../support/ipvsd.ts';
import { bootUml } from '../support/kernel/uml.ts';

// Here and not in the kernel tier: it takes the module out of the kernel, which must be one that
// nobody else uses.
const MISSING = existsSync('/usr/bin/linux.uml') ? false : 'user-mode-linux is not installed';

/** Prints the exit code of each command after what it printed itself. */
const SCRIPT = `
cd /run
printf 'virtual=10.9.0.200:80\\n        real=10.9.0.101:80 gate\\n        checktype=on\\n' >a.cf
rmmod ip_vs
say() { "$@" && echo "exit 0" || echo "exit $?"; }
echo autoload; say "$NODE" "$PROGRAM" plan a.cf
rmmod ip_vs
mount -t tmpfs tmpfs /lib/modules
echo none
say "$NODE" "$PROGRAM" plan a.cf
say "$NODE" "$PROGRAM" plan --backend ipvsadm a.cf
say "$NODE" "$PROGRAM" run a.cf
say "$NODE" "$PROGRAM" a.cf start
say "$NODE" "$PROGRAM" a.cf status
say "$NODE" "$PROGRAM" sync stop
say "$NODE" "$PROGRAM" sync status master
say "$NODE" "$PROGRAM" sync start master lo
`;

describe('a kernel without ip_vs', { skip: MISSING }, () => {
  it('has it loaded where there is a module, and is refused in one line where there is none', async () => {
    const chunks: Uint8Array[] = [];
    const result = await bootUml({
      command: ['sh', '-uc', SCRIPT],
      env: { NODE: process.execPath, PROGRAM: program },
      timeoutMs: 100_000,
      onOutput: (chunk) => chunks.push(chunk),
    });
    const refused = 'ipvsd: the kernel has no IPVS: load module ip_vs';
    assert.deepEqual(Buffer.concat(chunks).toString('utf8').trimEnd().split('\n'), [
      'autoload',
      '-A -t 10.9.0.200:80 -s wrr',
      '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 1',
      'exit 2',
      'none',
      ...Array.from({ length: 4 }, () => [refused, 'exit 1']).flat(),
      'ldirectord is stopped for /run/a.cf',
      'exit 3',
      'exit 0',
      'master stopped',
      'exit 3',
      'ipvsd: open IPVS: the kernel has no IPVS (expected the module ip_vs to be loaded) (ENOENT)',
      'exit 1',
    ]);
    assert.equal(result.exitCode, 0);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { networkNamespace, networkNamespaceExists } from '../../src/daemon/network-namespace.ts';

/** Those of mounts, and of the dead, are in test/kernel/ends-and-starts.test.ts. */
it('networkNamespace: of a process, for as long as it is there', () => {
  const own = networkNamespace();
  assert.match(own, /^net:\[\d+\]$/);
  assert.equal(networkNamespace(process.pid), own);
  assert.equal(networkNamespaceExists(own), true);
  // beyond the kernel's largest number of a process; proc_sys_kernel(5)
  assert.equal(networkNamespace(4_194_305), '');
  assert.equal(networkNamespaceExists('net:[1]'), false);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBackend } from '../../src/backend/memory.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { plainTable } from '../contract/plain-table.ts';
import { sampleTable, server, service, web } from '../contract/sample-table.ts';

backendContract('memory', { open: async () => new MemoryBackend(), runs: 100 });

describe('MemoryBackend', () => {
  it('starts from the table it is given', async () => {
    const backend = new MemoryBackend(sampleTable);
    assert.deepEqual(plainTable(await backend.readTable()), plainTable(sampleTable));
  });

  it('changes neither the table it was given nor one that was read', async () => {
    const given = [{ ...service(web), destinations: [server('10.9.0.2', 80)] }];
    const backend = new MemoryBackend(given);
    const before = await backend.readTable();
    await backend.apply([{ kind: 'delete-service', service: web }]);
    assert.equal(given.length, 1);
    assert.equal(before[0]?.destinations.length, 1);
    assert.deepEqual(await backend.readTable(), []);
  });

  it('says what is wrong and the errno of the kernel', async () => {
    const [outcome] = await new MemoryBackend().apply([{ kind: 'delete-service', service: web }]);
    assert.equal(outcome?.error?.message, 'service tcp 10.9.0.30:80 not found (ESRCH)');
  });
});

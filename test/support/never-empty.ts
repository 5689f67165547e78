import assert from 'node:assert/strict';
import { MemoryBackend } from '../../src/backend/memory.ts';
import type { Table } from '../../src/ipvs-netlink/model.ts';
import { diff } from '../../src/reconcile/diff.ts';

/**
 * Puts each table of one service in force after the one before it, operation by operation: where
 * both have a destination with a weight, there is one at every moment between them, too.
 */
export async function assertNeverEmpty(tables: readonly Table[]): Promise<void> {
  const backend = new MemoryBackend();
  const isLiveNow = async () => isLive(await backend.readTable());
  for (const table of tables) {
    const stays = (await isLiveNow()) && isLive(table);
    for (const operation of diff(table, await backend.readTable())) {
      const [outcome] = await backend.apply([operation]);
      assert.equal(outcome?.error, undefined);
      if (stays) assert.ok(await isLiveNow());
    }
  }
}

function isLive([entry]: Table): boolean {
  return entry?.destinations.some(({ weight }) => weight > 0) ?? false;
}

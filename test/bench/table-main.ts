import { execa } from 'execa';
import { savedTableLines } from '../../src/backend/ipvsadm-words.ts';
import { IpvsClient } from '../../src/ipvs-netlink/client.ts';
import type { Table } from '../../src/ipvs-netlink/model.ts';
import { diff } from '../../src/reconcile/diff.ts';
import { destination, service } from '../support/builders.ts';
import { requireIsolation } from '../support/kernel/isolate.ts';

// How long a table of 1,000 services with 10 servers each takes: in batches, message by message,
// and through ipvsadm-restore; and what one look for differences costs.

requireIsolation('bench');
const rounds = 3;
const servers = Array.from({ length: 10 }, (_, i) => destination(`10.9.0.${i + 2}`));
const table: Table = Array.from({ length: 1000 }, (_, i) =>
  service(servers, {
    id: { family: 'inet', protocol: 'tcp', address: `10.20.${i >> 8}.${i & 255}`, port: 80 },
  }),
);
const operations = diff(table, []);
const client = await IpvsClient.open();

const batches = await median('add, in batches', async () => {
  await client.apply(operations);
});
const alone = await median('add, one message at a time', async () => {
  for (const operation of operations) await client.apply([operation]);
});
const restore = await median('add, ipvsadm -R', async () => {
  await execa('ipvsadm', ['-R'], { input: `${savedTableLines(table).join('\n')}\n` });
});
await client.apply(operations);
const read = await median('read it all', () => client.table(), { keep: true });
const found = await client.table();
const compare = await median('find that nothing differs', async () => diff(table, found), {
  keep: true,
});
await client.flush();
await client.close();

console.log(`\none message at a time / batches: ${(alone / batches).toFixed(1)}`);
console.log(`ipvsadm -R / batches:            ${(restore / batches).toFixed(1)}`);
console.log(`read it all / batches:           ${(read / batches).toFixed(1)}`);
console.log(`find differences / read it all:  ${(compare / read).toFixed(2)}`);

/** The median of some rounds, in milliseconds; the table is empty before each, unless kept. */
async function median(
  name: string,
  work: () => Promise<unknown>,
  { keep = false } = {},
): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (!keep) await client.flush();
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const middle = times[Math.floor(rounds / 2)] ?? 0;
  console.log(`${name.padEnd(28)} ${middle.toFixed(0).padStart(6)} ms`);
  return middle;
}

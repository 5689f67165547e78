import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { IpvsClient, openGenericSocket } from '../../../src/ipvs-netlink/index.ts';
import { recording, type Turn } from './conversation.ts';
import { runScenario } from './scenario.ts';

/*
 * Records the scenario on the kernel that runs this: `node dist/test/support/netlink/record-main.js FILE`, as root, with an empty
 * IPVS table, in a network namespace of its own (unshare -n) in which "lo" is up.
 */
const file = process.argv[2];
if (file === undefined) throw new Error('usage: node record-main.js FILE');
const turns: Turn[] = [];
const client = await IpvsClient.open({ openSocket: recording(openGenericSocket, turns) });
const results = await runScenario(client);
await client.close();
const how = `recorded by test/support/netlink/record-main.ts on Linux ${release()}, ${process.arch}`;
const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join(',\n');
writeFileSync(
  file,
  `{"how": ${JSON.stringify(how)},\n"results": [\n${lines(results)}\n],\n"turns": [\n${lines(turns)}\n]}\n`,
);

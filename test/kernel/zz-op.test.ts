import { it } from 'node:test';
import { createTopology } from '../support/topology.ts';

it('op', { timeout: 500_000 }, async () => {
  const net = await createTopology({ reals: 3 });
  const page = { '/': 'welcome', '/alive.html': 'ok', '/status': 'ok', '/health': 'fine' };
  for (const host of net.reals) for (const port of [80, 8080, 25, 993]) await host.nginx({ port, pages: page });
  const result = await net.director.exec(['bash', '-c', 'bash /tmp/op/uml.sh 2>&1'], { allowFailure: true, timeoutMs: 450_000 });
  console.log(result.stdout);
  await net.teardown();
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { IpvsClient } from '../../src/ipvs-netlink/index.ts';
import { replaying, type Turn } from '../support/netlink/conversation.ts';
import { FakeKernel } from '../support/netlink/fake-kernel.ts';
import { runScenario, type StepResult } from '../support/netlink/scenario.ts';

interface Recording {
  readonly results: readonly StepResult[];
  readonly turns: readonly Turn[];
}

const RECORDING: Recording = JSON.parse(
  readFileSync(new URL('../../../fixtures/netlink/scenario.json', import.meta.url), 'utf8'),
);

describe('the scenario recorded on a real kernel', () => {
  it('asks for the same bytes and understands the same answers', async () => {
    const client = await IpvsClient.open({ openSocket: replaying(RECORDING.turns) });
    assert.deepEqual(await runScenario(client), RECORDING.results);
    await client.close();
  });

  it('has the same results on the fake kernel', async () => {
    const kernel = new FakeKernel();
    const client = await IpvsClient.open({ openSocket: kernel.openSocket });
    assert.deepEqual(await runScenario(client), RECORDING.results);
    await client.close();
    assert.equal(kernel.openSockets, 0);
    assert.equal(kernel.socketsOpened, 1);
  });
});

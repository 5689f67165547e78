import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpvsClient } from '../../src/ipvs-netlink/index.ts';
import { readRecording, replaying } from '../support/netlink/conversation.ts';
import { FakeKernel } from '../support/netlink/fake-kernel.ts';
import { runScenario } from '../support/netlink/scenario.ts';

const RECORDING = readRecording();

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

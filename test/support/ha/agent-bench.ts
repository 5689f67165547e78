import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seed004 } from '../seeds.ts';
import type { ExecResult } from '../topology/host.ts';
import type { NginxServer } from '../topology/nginx.ts';
import { createTopology, type Topology } from '../topology.ts';
import { type Agents, installAgents } from './agents.ts';

/** Exit codes of an agent: OCF_SUCCESS and so on, ocf-returncodes. */
export const ocf = {
  success: 0,
  generic: 1,
  args: 2,
  unimplemented: 3,
  installed: 5,
  configured: 6,
  notRunning: 7,
} as const;

type Parameters = Readonly<Record<string, string>>;

/** A director with the agents installed, and a web server; actions are called as Pacemaker does. */
export interface AgentBench {
  readonly net: Topology;
  readonly web: NginxServer;
  readonly agents: Agents;
  /** A program that is there and does not run: its Node has been removed. */
  readonly withoutNode: string;
  /** The file of the resource, and what it has in it when a test begins. */
  readonly config: string;
  readonly good: string;
  /** The table of that file, as ipvsadm -Sn prints it, with the weight of the only server. */
  readonly service: (weight?: number) => readonly string[];
  /**
   * Calls an action of an agent.
   *
   * @param parameters of the resource; words in capitals are handed over as they are.
   */
  readonly call: (name: string, action: string, parameters?: Parameters) => Promise<ExecResult>;
  /** The exit code of an action of the agent `ipvsd` on the file. */
  readonly lb: (action: string, parameters?: Parameters) => Promise<number | undefined>;
  /** The number of the daemon of that file. */
  readonly pid: () => number;
  /** Puts the file back and stops everything. */
  readonly reset: () => Promise<void>;
}

const vip = '10.9.0.200';

/** @param name of the file, without its ending: there is one pid file for each name. */
export async function createAgentBench(name: string): Promise<AgentBench> {
  const net = await createTopology({ reals: 1 });
  const web = await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
  await net.addVirtualAddress(vip);
  const agents = await installAgents(net.directory);
  const config = path.join(net.directory, `${name}.cf`);
  const withoutNode = path.join(net.directory, 'without-node');
  writeFileSync(withoutNode, '#!/nowhere/node\n', { mode: 0o755 });
  const good = seed004({ vip, reals: ['10.9.0.101'] });
  writeFileSync(config, good);
  const call: AgentBench['call'] = async (agent, action, parameters = {}) => {
    const words = Object.entries({ program: agents.command, ...parameters }).map(([key, value]) =>
      /^[A-Z]/.test(key) ? `${key}=${value}` : `OCF_RESKEY_${key}=${value}`,
    );
    const env = ['env', `OCF_ROOT=${agents.ocfRoot}`, 'OCF_RESOURCE_INSTANCE=lb', ...words];
    return net.director.exec([...env, agents.agent(agent), action], {
      allowFailure: true,
      timeoutMs: 180_000,
    });
  };
  const lb: AgentBench['lb'] = async (action, parameters = {}) =>
    (await call('ipvsd/ipvsd', action, { config, ...parameters })).exitCode;
  return {
    net,
    web,
    agents,
    withoutNode,
    config,
    good,
    service: (weight = 1) => [
      `-A -t ${vip}:80 -s rr`,
      `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w ${weight}`,
    ],
    call,
    lb,
    pid: () => Number(readFileSync(`/run/ldirectord.${name}.cf.pid`, 'utf8')),
    reset: async () => {
      writeFileSync(config, good);
      await lb('stop');
      await net.director.exec([agents.command, 'sync', 'stop']);
    },
  };
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { basename } from 'node:path';
import { missingPackage } from '../../checks/optional-package.ts';
import { negotiateServices } from '../../config/check-model.ts';
import type { Config } from '../../config/model.ts';
import { IpvsClient } from '../../ipvs-netlink/client.ts';
import { NetlinkError } from '../../ipvs-netlink/errors.ts';
import { version } from '../../version.ts';
import type { Facts, IpvsFacts, Looked, Network, Unseen } from '../facts.ts';
import { otherNodes } from '../marked-nodes.ts';
import { neededModules } from '../modules.ts';
import { servers, virtualAddresses } from '../subjects.ts';
import { gatherAnswers } from './answers.ts';
import { gatherManagers } from './managers.ts';
import { gatherModules } from './modules.ts';
import { gatherNeighbours, gatherNetwork } from './network.ts';
import { gatherPacketRules } from './packet-rules.ts';
import { gatherSettings } from './settings.ts';
import { runTool } from './tool.ts';

/** How many real servers are pinged at most, to learn their link-layer addresses. */
const pingedAtMost = 64;

/** What the machine is to the file. */
export type Role = 'director' | 'real-server';

const aboutDirectors = 'only directors are asked';
const nobodyAsked: Facts['answers'] = {};
const notAsked = {
  modules: {},
  packetRules: { rules: [], unseen: { unknown: aboutDirectors } },
  answers: nobodyAsked,
  managers: [],
  missingPackages: [],
} satisfies Partial<Facts>;

/**
 * Looks at this machine, in this network namespace, for a file. Changes nothing, but may load the
 * module ip_vs on a director, as every look at the table does. The ARP probes take two seconds.
 */
export async function gatherFacts(config: Config, role: Role): Promise<Facts> {
  const isDirector = role === 'director';
  const ipvs = isDirector ? await gatherIpvs() : { unknown: aboutDirectors, isAbsent: false };
  const vips = virtualAddresses(config).map(({ address }) => address);
  const reals = [...new Set(servers(config).map(({ address }) => address))];
  const network = await gatherNetwork([...new Set([...vips, ...reals])]);
  const interfaces = 'value' in network ? network.value.interfaces.map(({ name }) => name) : [];
  const common = {
    host: hostname(),
    ipvsd: version,
    kernel: release(),
    digest: digestOf(config.files),
    settings: gatherSettings(interfaces),
    ipvs,
  };
  if (!isDirector) return { ...common, network, ...notAsked };
  const [answers, modules, packetRules, managers] = await Promise.all([
    'value' in network ? gatherAnswers(vips, network.value) : nobodyAsked,
    modulesFor(config, ipvs),
    gatherPacketRules(),
    gatherManagers(),
  ]);
  const heard = Object.values(answers).some((one) => 'value' in one && one.value.length > 0);
  const hasNodes =
    'value' in network &&
    config.virtuals.some((virtual) => otherNodes(virtual, network.value).length > 0);
  return {
    ...common,
    network: heard || hasNodes ? await withNeighbours(network, reals) : network,
    modules,
    packetRules,
    answers,
    managers,
    missingPackages: missingPackages(config),
  };
}

type GatheredIpvs = { readonly value: IpvsFacts } | (Unseen & { readonly isAbsent: boolean });

/** First of all: it loads ip_vs, whose settings are read later. */
async function gatherIpvs(): Promise<GatheredIpvs> {
  let client: IpvsClient | undefined;
  try {
    client = await IpvsClient.open();
    const { version: ipvsVersion } = await client.info();
    return { value: { version: ipvsVersion, daemons: await client.daemons() } };
  } catch (error) {
    if (error instanceof NetlinkError) {
      const isAbsent = error.code === 'ENOENT';
      return { unknown: error.message, isAbsent, ...(isAbsent && { command: 'modprobe ip_vs' }) };
    }
    throw error;
  } finally {
    await client?.close();
  }
}

/** In a container the kernel may have what the container has no modules of; ip_vs tells itself. */
async function modulesFor(config: Config, ipvs: GatheredIpvs): Promise<Facts['modules']> {
  const names = neededModules(config).map(({ module }) => module);
  const states = await gatherModules([...names, 'ip_vs_ftp']);
  return 'unknown' in ipvs && ipvs.isAbsent ? { ...states, ip_vs: 'missing' } : states;
}

/** The same text has the same digest, wherever the files are. */
function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of files.filter((one) => !one.endsWith('/'))) {
    hash
      .update(`${basename(path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Tells which of the real servers it is that answers. */
async function withNeighbours(
  network: Looked<Network>,
  reals: readonly string[],
): Promise<Looked<Network>> {
  if ('unknown' in network) return network;
  const near = reals.filter((address) => {
    const route = network.value.routes[address];
    return route !== undefined && !route.local && route.gateway === undefined;
  });
  const ping = (address: string) => runTool('ping', ['-c', '1', '-W', '1', address]);
  await Promise.all(near.slice(0, pingedAtMost).map(ping));
  return { value: { ...network.value, neighbours: await gatherNeighbours() } };
}

function missingPackages({ virtuals }: Config): readonly string[] {
  const checks = virtuals.flatMap(({ reals, fallbacks }) =>
    [...reals, ...fallbacks].flatMap((server) => server.checks.map(({ definition }) => definition)),
  );
  const used = new Set(
    checks.flatMap((check) => {
      if (check.type === 'negotiate') return [check.service];
      return check.type === 'combined' ? [check.negotiate.service] : [];
    }),
  );
  const missing = negotiateServices
    .filter((service) => used.has(service))
    .map(missingPackage)
    .filter((name) => name !== undefined);
  return [...new Set(missing)];
}

import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { isolate } from './isolate.ts';

/** Where a real IPVS is to be had: in the running kernel, or in one that is booted for it. */
export type Place = 'host' | 'uml';

/** Lets a person say where, instead of the first place that can: "host" or "uml". */
const PLACE_VARIABLE = 'IPVSD_TEST_KERNEL';

/**
 * Finds the place for kernel tests. The running kernel is taken only when everything that the
 * tests do works there, tried out in namespaces that are gone afterwards.
 *
 * @throws Error when the variable names a place that cannot be.
 */
export async function choosePlace(): Promise<Place> {
  const wanted = process.env[PLACE_VARIABLE] ?? '';
  if (wanted !== '' && wanted !== 'host' && wanted !== 'uml') {
    throw new Error(`${PLACE_VARIABLE}: expected "host" or "uml", got "${wanted}"`);
  }
  if (wanted === 'uml') {
    return 'uml';
  }
  const obstacle = await findHostObstacle();
  if (wanted === 'host' && obstacle !== undefined) {
    throw new Error(`${PLACE_VARIABLE}: expected a kernel with IPVS for "host", ${obstacle}`);
  }
  return obstacle === undefined ? 'host' : 'uml';
}

async function findHostObstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    return 'not root';
  }
  // Loading a module into the running kernel is harmless, and without it ip_vs is never seen.
  await execa('modprobe', ['ip_vs'], { reject: false });
  if (!existsSync('/proc/net/ip_vs')) {
    return 'no ip_vs in the running kernel';
  }
  const trial = await execa(
    'unshare',
    isolate(['sh', '-euc', TRIAL], { coverHost: true }).slice(1),
    {
      reject: false,
      all: true,
      timeout: 20_000,
    },
  );
  return trial.failed ? `namespaces do not work there: ${trial.all}` : undefined;
}

const TRIAL = `
test -r /proc/net/ip_vs
ip link add trial0 type veth peer name trial1
ip link add trialbr type bridge
ip netns add trial
ip link set trial1 netns trial
ipvsadm -A -t 127.0.0.1:1 -s rr
ip netns exec trial ipvsadm -Ln
`;

import { virtualKey } from '../config/keys.ts';
import type { VirtualServer } from '../config/model.ts';
import { type Check, lookedAt, notLookedAt, notNeeded, type Subject } from './finding.ts';
import { addressesOf } from './marked-nodes.ts';
import { ipvsSetting } from './settings.ts';
import { shellWord } from './shell-word.ts';
import { judgeTwoNodeMarks } from './two-node-marks.ts';

/** Two directors that are each other's real servers. */
export const twoNodeChecks: readonly Check[] = [
  {
    name: 'two-node-loop',
    title: 'what one director sends on to the other is not balanced again',
    judge: judgeLoop,
  },
  {
    name: 'two-node-marks',
    title: 'what another director sends on gets no mark',
    judge: judgeTwoNodeMarks,
  },
];

/**
 * With gate the packet that comes to the other director is still one for the virtual address. Marks
 * are a way out of it (ipvsd nft), so is a table that only the active director has, and so is
 * `backup_only` (Documentation/networking/ipvs-sysctl.rst), for as long as one is the backup alone.
 */
function judgeLoop({ config, facts, peer }: Subject) {
  if (peer === undefined || config.standby.table === 'clear') return notNeeded;
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  if ('unknown' in peer.network) {
    return notLookedAt({ unknown: `${peer.host}: ${peer.network.unknown}` });
  }
  const own = addressesOf(facts.network.value);
  const others = addressesOf(peer.network.value);
  const shared = config.virtuals.filter(
    (virtual) =>
      'address' in virtual.id &&
      isServedBy(virtual, own, others) &&
      isServedBy(virtual, others, own),
  );
  if (shared.length === 0) return notNeeded;
  const name = ipvsSetting('backup_only');
  if (facts.settings[name] === '1' && peer.settings[name] === '1') return lookedAt([]);
  return lookedAt([
    {
      level: 'error',
      where: shared.map(({ id }) => virtualKey(id)).join(', '),
      what: `this director and ${peer.host} are real servers of it, and both have it in their tables`,
      why: 'each balances again what the other one sends it, packets go to and fro; or mark by source, see TWO NODES in ipvsd(8)',
      command: `ipvsd config set ${shellWord(config.path)} standbytable=clear`,
    },
  ]);
}

/** Both have the virtual addresses, and 127.0.0.1. */
function isServedBy(
  { reals }: VirtualServer,
  here: ReadonlySet<string>,
  there: ReadonlySet<string>,
): boolean {
  return reals.some(
    ({ forward, address }) => forward === 'gate' && here.has(address) && !there.has(address),
  );
}

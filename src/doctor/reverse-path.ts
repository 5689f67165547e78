import {
  type Check,
  type Finding,
  lookedAt,
  notLookedAt,
  notNeeded,
  type Subject,
} from './finding.ts';
import { holders } from './forwarding.ts';
import { inForce, interfaceSetting, setCommand } from './settings.ts';

/** rp_filter 1 (RFC 3704 2.2): a packet is dropped that came in where its answer would not go out. */
export const strictFilter = 1;

export const reversePathChecks: readonly Check[] = [
  {
    name: 'reverse-path',
    title: 'no source filter drops the packets of clients',
    judge: judgeDirector,
  },
];

/**
 * Clients come in where the virtual address is. Those of far networks are dropped there when the
 * default route leads out elsewhere.
 */
function judgeDirector({ config, facts }: Subject) {
  if ('unknown' in facts.network) return notLookedAt(facts.network);
  const { defaultRoutes, interfaces } = facts.network.value;
  const ways = new Set(
    defaultRoutes.filter(({ family }) => family === 'inet').map((route) => route.interface),
  );
  if (ways.size === 0) return notNeeded;
  const entrances = holders(facts.network.value, config);
  const suspects = interfaces.filter(
    ({ name, up, linkType, kind }) =>
      entrances.has(name) && !ways.has(name) && up && linkType !== 'loopback' && kind !== 'dummy',
  );
  return lookedAt(
    suspects
      .filter(({ name }) => inForce(facts.settings, name, 'rp_filter') === strictFilter)
      .map(({ name }): Finding => {
        const own = interfaceSetting(name, 'rp_filter');
        return {
          level: 'warning',
          where: own,
          what: `the source filter is strict on ${name}, and the default route leads out by ${[...ways].join(', ')}`,
          why: `packets of clients from far networks that come in by ${name} are dropped`,
          // the larger of "all" and this one counts, so that 2 (loose) is stronger than 1
          command: setCommand({ [own]: 2 }),
        };
      }),
  );
}

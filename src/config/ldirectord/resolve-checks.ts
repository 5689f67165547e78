import type { CheckDefinition } from '../check-model.ts';
import type { Endpoint } from '../endpoint.ts';
import { endpointText } from '../keys.ts';
import type { CheckIntervals, ForwardMethod, ServerCheck, VirtualId } from '../model.ts';
import { type BlockSurroundings, blockDefinition } from './block-definition.ts';
import type { CheckBlock } from './check-block.ts';
import { parameters as p } from './check-parameters.ts';
import type { ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { givenParameter } from './parameter-settings.ts';
import { checkBlock } from './read-check-block.ts';
import { given } from './settings.ts';
import type { Block, DirectiveLine, Section } from './syntax.ts';

/** How often a check runs, and how many results in a row count. */
export type Rhythm = Pick<ServerCheck, 'intervals' | 'failureCount' | 'rise'>;

/** A server whose checks are wanted. */
export interface CheckedServer extends Endpoint {
  readonly weight: number;
  readonly forward: ForwardMethod;
}

/**
 * Makes the checks that blocks describe, of one server; names are unique among them.
 *
 * @param blocks - of the section, and below the server's line.
 * @returns undefined after an error was reported.
 */
export type BlockChecks = (
  blocks: readonly CheckBlock[],
  server: CheckedServer,
) => readonly ServerCheck[] | undefined;

/** Reads blocks, whether or not there is a server that has them. @returns undefined after an error. */
export function readBlocks(
  blocks: readonly Block[],
  { definitions, report }: ResolveContext,
): readonly CheckBlock[] | undefined {
  const found = blocks.flatMap((block) => checkBlock(block, definitions, report) ?? []);
  return found.length === blocks.length ? found : undefined;
}

/** Reads once what all servers of a section have in common. */
export function blockChecks(
  id: VirtualId,
  section: Section,
  rhythm: Rhythm,
  context: ResolveContext,
): BlockChecks {
  const own = section.body;
  const { globals, hostname, report } = context;
  const around: BlockSurroundings = {
    own,
    globals,
    ...('port' in id && { virtualPort: id.port }),
    hostname,
    report,
  };
  const isMonitored = given(d.monitorfile, own) !== undefined;
  const protocol = 'fwmark' in id ? 'fwm' : id.protocol;
  const usual = { ...rhythm, ...fastAndDown(own, globals) };
  return (blocks, server) => {
    const names = new Map<string, number>();
    const checks: ServerCheck[] = [];
    for (const block of blocks) {
      const definition = blockDefinition(block, server, around);
      if (definition === undefined) continue;
      const wished = checkName(block, definition);
      const repeat = (names.get(wished) ?? 0) + 1;
      names.set(wished, repeat);
      const name = repeat === 1 ? wished : `${wished}#${repeat}`;
      checks.push({
        name,
        definition,
        ...blockRhythm(block, usual),
        ...(isMonitored && { identity: blockIdentity(name, protocol, server) }),
        line: block.head.number,
      });
    }
    return checks.length === blocks.length ? checks : undefined;
  };
}

type UsualRhythm = Rhythm & { readonly fastMs?: number; readonly downMs?: number };

/** Only where a file gives them: else a check with an interval of its own has that in their place. */
function fastAndDown(
  ...both: readonly (readonly DirectiveLine[])[]
): Pick<UsualRhythm, 'fastMs' | 'downMs'> {
  const fast = given(d.fastinterval, ...both);
  const down = given(d.downinterval, ...both);
  return {
    ...(fast !== undefined && { fastMs: fast * 1000 }),
    ...(down !== undefined && { downMs: down * 1000 }),
  };
}

function blockRhythm(
  { word, common }: CheckBlock,
  usual: UsualRhythm,
): Rhythm & Pick<ServerCheck, 'warmupMs' | 'alpha'> {
  const normalMs = givenParameter(p.interval, common) ?? usual.intervals.normalMs;
  const retry = givenParameter(p.retry, common);
  const intervals: CheckIntervals = {
    normalMs,
    // at once is as soon as a timer can
    fastMs: Math.max(1, givenParameter(p.retrydelay, common) ?? usual.fastMs ?? normalMs),
    downMs: givenParameter(p.downinterval, common) ?? usual.downMs ?? normalMs,
  };
  return {
    intervals,
    failureCount: retry === undefined ? usual.failureCount : retry + 1,
    rise: givenParameter(p.rise, common) ?? usual.rise,
    warmupMs: givenParameter(p.warmup, common) ?? 0,
    // an agent that cannot be reached says nothing of the server, not even at first
    alpha: givenParameter(p.alpha, common) ?? word !== 'agent',
  };
}

/** `http /health`, `tcp 8081`, `redis`. */
function checkName(block: CheckBlock, definition: CheckDefinition): string {
  if (block.definition !== undefined) return block.definition;
  const { word, common } = block;
  switch (definition.type) {
    case 'http-get':
      return `${word} ${definition.urls[0]?.path ?? ''}`;
    case 'file':
      return `${word} ${definition.path}`;
    case 'misc':
      return `${word} ${definition.command}`;
    case 'ping':
      return givenParameter(p.address, common) === undefined
        ? word
        : `${word} ${definition.address}`;
    default: {
      if (!('target' in definition)) return word;
      const isElsewhere = givenParameter(p.address, common) !== undefined;
      const { target } = definition;
      return `${word} ${isElsewhere ? endpointText(target) : target.port}`;
    }
  }
}

/** As ldirectord names its own checks in the monitorfile, as far as that goes. */
function blockIdentity(name: string, protocol: string, server: CheckedServer): string {
  const { address, port, weight, forward } = server;
  const shown = address.includes(':') ? `[${address}]` : address;
  return `${name} ${protocol} ${shown} ${port} ${weight} ${forward}`;
}

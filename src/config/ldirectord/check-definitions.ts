import type { CheckDefinitions, NamedCheck } from './check-block.ts';
import { parameters as p } from './check-parameters.ts';
import { checkWordNames } from './check-words.ts';
import { placeOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { reportParameters } from './parameter-findings.ts';
import { givenParameter } from './parameter-settings.ts';
import { type Report, valueReport } from './report.ts';
import { lastSetting } from './settings.ts';
import type { Block, Section, ServerPart } from './syntax.ts';

/** Names that the program itself gives to checks. */
const taken: ReadonlySet<string> = new Set<string>([...checkWordNames, 'checktype']);

/** Reads the named checks of all files; what is wrong with one is reported also when nobody uses it. */
export function checkDefinitions(
  blocks: readonly Block[],
  { report, includedFile }: Pick<ResolveContext, 'report' | 'includedFile'>,
): CheckDefinitions {
  const found = new Map<string, NamedCheck>();
  for (const block of blocks) {
    const name = lastSetting([block.head], d.definecheck)?.value;
    if (name === undefined) continue;
    const findings = valueReport(report, block.head);
    const first = found.get(name)?.block.head;
    if (taken.has(name)) {
      findings.error('name', `expected a name of its own, got "${name}", a type of check`);
    } else if (first !== undefined) {
      findings.error(
        'duplicate-check',
        `"${name}" is defined already, in ${placeOf(first, block.head, includedFile)}`,
      );
    } else {
      const hasType = block.parameters.some((line) => line.name === 'type');
      const word = givenParameter(p.type, [block.parameters]) ?? (hasType ? undefined : 'dialogue');
      found.set(name, { block, ...(word !== undefined && { word }) });
      if (word !== undefined) reportParameters(block, word, report);
    }
  }
  return found;
}

/** Warns of definitions that no check names. */
export function warnUnused(
  definitions: CheckDefinitions,
  sections: readonly Section[],
  servers: readonly ServerPart[],
  report: Report,
): void {
  const parts = [...sections, ...sections.flatMap((section) => section.servers), ...servers];
  const heads = parts.flatMap(({ blocks }) => blocks.map(({ head }) => head));
  const used = new Set(heads.map((head) => lastSetting([head], d.check)?.value));
  for (const [name, { block }] of definitions) {
    if (used.has(name)) continue;
    valueReport(report, block.head).warn('unused-check', `"${name}" is not used by any "check"`);
  }
}

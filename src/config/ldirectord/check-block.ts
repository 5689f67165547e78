import { didYouMean } from '../nearest.ts';
import { parameters as p } from './check-parameters.ts';
import { type CheckWord, checkWordNames, checkWords, findCheckWord } from './check-words.ts';
import { placeOf, type ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { hasName, reportCombinations, reportParameters } from './parameter-findings.ts';
import { givenParameter } from './parameter-settings.ts';
import { nameStretch, type Report, valueReport } from './report.ts';
import { lastSetting } from './settings.ts';
import type { Block, DirectiveLine, Section, ServerPart } from './syntax.ts';

/** A check with all lines that say what it is: its own, and those of the definition that it names. */
export interface CheckBlock {
  readonly word: CheckWord;
  /** The name of its definition. */
  readonly definition?: string;
  readonly head: DirectiveLine;
  /** Lines about the check as a whole: its own, then those of the definition. */
  readonly common: readonly (readonly DirectiveLine[])[];
  /** With http and https: a `path` with the lines about it, for each page. */
  readonly urls: readonly (readonly DirectiveLine[])[];
  /** With dialogue: `send` and `expect`, in their order. */
  readonly steps: readonly DirectiveLine[];
}

/** The checks that have a name. */
export type CheckDefinitions = ReadonlyMap<string, NamedCheck>;

interface NamedCheck {
  readonly block: Block;
  /** Absent after an error. */
  readonly word?: CheckWord;
}

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

/** @returns undefined after an error was reported. */
export function checkBlock(
  block: Block,
  definitions: CheckDefinitions,
  report: Report,
): CheckBlock | undefined {
  const name = lastSetting([block.head], d.check)?.value;
  if (name === undefined) return undefined;
  const named = definitions.get(name);
  const word = findCheckWord(name) ?? named?.word;
  if (word === undefined) {
    if (named === undefined) reportUnknown(name, block.head, definitions, report);
    return undefined;
  }
  reportParameters(block, word, report);
  const inherited = named?.block.parameters ?? [];
  const lines = [block.parameters, inherited].map((all) => partition(all, word));
  const found: CheckBlock = {
    word,
    ...(named !== undefined && { definition: name }),
    head: block.head,
    common: lines.map(({ common }) => common),
    urls: lines.find(({ urls }) => urls.length > 0)?.urls ?? [],
    steps: lines.find(({ steps }) => steps.length > 0)?.steps ?? [],
  };
  reportCombinations(found, report);
  return hasNeeds(found, [...block.parameters, ...inherited], report) ? found : undefined;
}

/** A file may have thousands of definitions, and thousands of checks that name none of them. */
const mostCandidates = 300;

function reportUnknown(
  name: string,
  head: DirectiveLine,
  definitions: CheckDefinitions,
  report: Report,
): void {
  const names = [...checkWordNames, ...definitions.keys()];
  const hint = didYouMean(name, names.slice(0, mostCandidates));
  const expects = `expected ${d.check.type.expects}, got "${name}"${hint}`;
  valueReport(report, head).error('unknown-check', expects);
}

function partition(
  lines: readonly DirectiveLine[],
  word: CheckWord,
): Pick<CheckBlock, 'urls' | 'steps'> & { readonly common: readonly DirectiveLine[] } {
  if (word === 'dialogue') {
    const isStep = hasName(['send', 'expect']);
    return { common: lines.filter((l) => !isStep(l)), urls: [], steps: lines.filter(isStep) };
  }
  if (word !== 'http' && word !== 'https') return { common: lines, urls: [], steps: [] };
  const common: DirectiveLine[] = [];
  const urls: DirectiveLine[][] = [];
  for (const line of lines) {
    const url = urls.at(-1);
    if (line.name === 'path') urls.push([line]);
    else if (url !== undefined && isAboutUrl(line)) url.push(line);
    else common.push(line);
  }
  return { common, urls, steps: [] };
}

const isAboutUrl = hasName(['digest', 'status', 'regex', 'regexnot', 'virtualhost']);

function hasNeeds(
  { word, head, definition }: CheckBlock,
  lines: readonly DirectiveLine[],
  report: Report,
): boolean {
  const { needs } = checkWords[word];
  if (needs.length === 0 || lines.some(hasName(needs))) return true;
  const where = definition === undefined ? 'below it' : `below it or below "${definition}"`;
  const what = needs.map((name) => `"${name}"`).join(' or ');
  const message = `check: type ${word} needs ${what} ${where}`;
  report.error(head, 'missing-parameter', message, nameStretch(head));
  return false;
}

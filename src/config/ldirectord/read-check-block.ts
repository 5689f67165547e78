import { didYouMean } from '../nearest.ts';
import type { CheckBlock, CheckDefinitions } from './check-block.ts';
import { type CheckWord, checkWordNames, checkWords, findCheckWord } from './check-words.ts';
import { directives as d } from './directives.ts';
import { hasName, reportCombinations, reportParameters } from './parameter-findings.ts';
import { nameStretch, type Report, valueReport } from './report.ts';
import { lastSetting } from './settings.ts';
import type { Block, DirectiveLine } from './syntax.ts';

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

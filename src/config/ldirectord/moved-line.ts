import {
  type Block,
  type DirectiveLine,
  lineText,
  type ServerPart,
  type SyntaxTree,
} from './syntax.ts';

/**
 * A line that both files have and that belongs to something else in the second, as a check does
 * that comes to stand right below a real server.
 *
 * @returns its text; undefined when there is none.
 */
export function movedLine(before: SyntaxTree, after: SyntaxTree): string | undefined {
  const was = places(before);
  const counts = new Map<string, number>();
  for (const { text } of was) counts.set(text, (counts.get(text) ?? 0) - 1);
  const is = places(after);
  for (const { text } of is) counts.set(text, (counts.get(text) ?? 0) + 1);
  const left = new Map<string, number>();
  for (const { place, text } of was) add(left, `${place} ${text}`, 1);
  for (const { place, text } of is) {
    if (add(left, `${place} ${text}`, -1) >= 0) continue;
    // not where it was: new, if there are more of them now
    if (add(counts, text, -1) < 0) return text;
  }
  return undefined;
}

interface Place {
  readonly place: string;
  readonly text: string;
}

function places(tree: SyntaxTree): readonly Place[] {
  return [
    ...tree.globals.map((line) => at('global', line)),
    ...tree.definitions.flatMap((block) => blockPlaces('global', block)),
    ...tree.servers.flatMap(partPlaces),
    ...tree.sections.flatMap(({ head, body, blocks, servers }) => [
      at('head', head),
      ...body.map((line) => at('section', line)),
      ...blocks.flatMap((block) => blockPlaces('section', block)),
      ...servers.flatMap(partPlaces),
    ]),
  ];
}

function blockPlaces(place: string, { head, parameters }: Block): readonly Place[] {
  return [at(place, head), ...parameters.map((line) => at(head.name, line))];
}

function partPlaces({ line, body, blocks }: ServerPart): readonly Place[] {
  return [
    ...body.map((one) => at(line.name, one)),
    ...blocks.flatMap((block) => blockPlaces(line.name, block)),
  ];
}

function at(place: string, line: DirectiveLine): Place {
  return { place, text: lineText(line).trim() };
}

function add(counts: Map<string, number>, key: string, step: number): number {
  const value = (counts.get(key) ?? 0) + step;
  counts.set(key, value);
  return value;
}

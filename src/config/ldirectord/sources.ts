import type { Diagnostic } from '../diagnostic.ts';
import type { FileAccess } from '../files.ts';
import { systemErrorText } from '../system-error.ts';
import { directives as d } from './directives.ts';
import { decode, type Encoding } from './encoding.ts';
import { includedPaths } from './include.ts';
import { parse } from './parser.ts';
import { collectingReport, type Report, valueReport } from './report.ts';
import { allSettings } from './settings.ts';
import type { Block, DirectiveLine, Section, ServerPart, SyntaxTree } from './syntax.ts';
import { validate } from './validate.ts';

/** A file as it was read. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly encoding: Encoding;
}

/** A file with its tree, and what is wrong with the file by itself. */
export interface SourceFile extends SourceText {
  readonly tree: SyntaxTree;
  readonly findings: readonly Diagnostic[];
}

/** A file and all that it includes. */
export interface Sources {
  /** The main file first, then as they are met. */
  readonly files: readonly SourceFile[];
  /** Folders whose content was included. */
  readonly folders: readonly string[];
  /** Lines and sections of all files, in the order in which they stand if read as one text. */
  readonly globals: readonly DirectiveLine[];
  readonly definitions: readonly Block[];
  readonly servers: readonly ServerPart[];
  readonly sections: readonly Section[];
}

type Content = Pick<Sources, 'globals' | 'definitions' | 'servers' | 'sections'>;

interface State {
  readonly access: FileAccess;
  readonly strict: boolean;
  readonly files: SourceFile[];
  readonly folders: Set<string>;
  readonly seen: Set<string>;
}

/** Parses a file and everything that it includes; each file once. */
export async function readSources(
  main: SourceText,
  access: FileAccess,
  strict: boolean,
): Promise<Sources> {
  const seen = new Set([await access.identity(main.path)]);
  const state: State = { access, strict, files: [], folders: new Set(), seen };
  const content = await readOne(main, state);
  return { ...content, files: state.files, folders: [...state.folders] };
}

async function readOne(source: SourceText, state: State): Promise<Content> {
  const { path, encoding } = source;
  const report = collectingReport(path, state.strict);
  const tree = parse(source.text, report);
  validate(tree, report);
  const place = state.files.length;
  state.files.push({ ...source, tree, findings: [] });
  const included = new Map<DirectiveLine, Content>();
  for (const { value, line } of allSettings(tree.globals, d.include)) {
    included.set(line, await follow(value, line, path, report, state));
  }
  const doubts = encoding === 'utf8' ? [] : [aboutFile('warning', 'encoding', path, latin1)];
  state.files[place] = { ...source, tree, findings: [...doubts, ...report.diagnostics()] };
  return splice(tree, included);
}

const latin1 = 'not UTF-8, read as Latin-1';

async function follow(
  value: string,
  line: DirectiveLine,
  from: string,
  report: Report,
  state: State,
): Promise<Content> {
  const findings = valueReport(report, line);
  const found = await includedPaths(value, from, state.access);
  const contents: Content[] = [];
  if (typeof found === 'string') {
    findings.error('include', found);
    return joined(contents);
  }
  if (found.folder !== undefined) state.folders.add(found.folder);
  for (const path of found.paths) {
    const identity = await state.access.identity(path);
    if (state.seen.has(identity)) {
      // a pattern may well match the file that it stands in
      if (found.folder === undefined) findings.error('include', `"${path}" has been read already`);
      continue;
    }
    state.seen.add(identity);
    try {
      const source = { path, ...decode(await state.access.read(path)) };
      contents.push(await readOne(source, state));
    } catch (error) {
      findings.error('include', `can not open file "${path}": ${systemErrorText(error)}`);
    }
  }
  return joined(contents);
}

/** The content of the tree, with that of the included files in the places of their lines. */
function splice(tree: SyntaxTree, included: ReadonlyMap<DirectiveLine, Content>): Content {
  if (included.size === 0) return tree;
  const pieces = [
    ...tree.globals.map((line) => ({
      at: line.number,
      content: joined([{ ...nothing, globals: [line] }, included.get(line) ?? nothing]),
    })),
    ...tree.sections.map((section) => ({
      at: section.head.number,
      content: { ...nothing, sections: [section] },
    })),
  ];
  const { definitions, servers } = tree;
  const inOrder = pieces.toSorted((a, b) => a.at - b.at).map(({ content }) => content);
  return joined([{ ...nothing, definitions, servers }, ...inOrder]);
}

const nothing: Content = { globals: [], definitions: [], servers: [], sections: [] };

function joined(contents: readonly Content[]): Content {
  return {
    globals: contents.flatMap(({ globals }) => globals),
    definitions: contents.flatMap(({ definitions }) => definitions),
    servers: contents.flatMap(({ servers }) => servers),
    sections: contents.flatMap(({ sections }) => sections),
  };
}

/** A finding about a file as a whole. */
export function aboutFile(
  severity: Diagnostic['severity'],
  code: string,
  path: string,
  message: string,
): Diagnostic {
  return { severity, code, path, line: 0, column: 0, length: 1, message, source: '' };
}

import { isDeepStrictEqual } from 'node:util';
import { identifyReal, identifyVirtual } from './identify.ts';
import { virtualKey } from './keys.ts';
import { applyEdits, EditError } from './ldirectord/edit.ts';
import { type NewSetting, removeDirective, setDirective } from './ldirectord/edit-setting.ts';
import { addReal, addVirtual, removeServer, removeVirtual } from './ldirectord/edit-virtual.ts';
import { setWeight } from './ldirectord/edit-weight.ts';
import { movedLine } from './ldirectord/moved-line.ts';
import { parse } from './ldirectord/parser.ts';
import { silentLines } from './ldirectord/report.ts';
import type { SourceText } from './ldirectord/sources.ts';
import type { DirectiveLine, Section, SyntaxTree } from './ldirectord/syntax.ts';
import { type ConfigOptions, type ConfigResult, parseSource } from './load.ts';
import type { Config, ServerCheck, VirtualServer } from './model.ts';

/** A change of a file; `virtual` and `real` as of identify.ts. */
export type EditRequest =
  | {
      readonly kind: 'add-virtual';
      readonly virtual: string;
      readonly settings: readonly NewSetting[];
    }
  | { readonly kind: 'add-real'; readonly virtual: string; readonly real: string }
  | {
      readonly kind: 'set';
      readonly virtual: string;
      readonly settings: readonly NewSetting[];
    }
  | {
      readonly kind: 'set-weight';
      readonly virtual: string;
      readonly real: string;
      readonly weight: string;
    }
  | { readonly kind: 'set-global'; readonly settings: readonly NewSetting[] }
  | { readonly kind: 'remove-virtual'; readonly virtual: string }
  | { readonly kind: 'remove-real'; readonly virtual: string; readonly real: string }
  | { readonly kind: 'remove-directive'; readonly virtual: string; readonly name: string }
  | { readonly kind: 'remove-global'; readonly name: string };

type GlobalRequest = EditRequest & { readonly kind: 'set-global' | 'remove-global' };
type SectionRequest = Exclude<EditRequest, GlobalRequest | { readonly kind: 'add-virtual' }>;

export interface EditResult {
  /** What the file says at present. */
  readonly before: ConfigResult;
  /** What it would say; absent when it has errors already. */
  readonly after?: ConfigResult;
  /** The file as it is to be; absent when that, or the present one, has errors. */
  readonly text?: string;
}

/**
 * Changes the text of a file, and nothing in it but what was asked for.
 *
 * @throws EditError when the request does not fit the file, or would change more than it says.
 */
export async function editConfig(
  source: SourceText,
  request: EditRequest,
  options: ConfigOptions,
): Promise<EditResult> {
  const before = await parseSource(source, options);
  if (before.config === undefined) return { before };
  const { text, touched } = await changed(source, before.config, request, options);
  if (source.encoding === 'latin1' && /[^\0-\xff]/.test(text)) {
    throw new EditError('the file is not in UTF-8, and the new text does not go into Latin-1');
  }
  const after = await parseSource({ ...source, text }, options);
  if (after.config === undefined) return { before, after };
  if (touched !== 'all') refuseSideEffects(before.config, after.config, touched);
  const moved = movedLine(parse(source.text, silentLines), parse(text, silentLines));
  if (moved !== undefined) {
    throw new EditError(
      `the edit would change what "${moved}" belongs to: see to its indentation first`,
    );
  }
  return { before, after, text };
}

interface Change {
  readonly text: string;
  /** Key of the virtual server that may differ after it; or `none`, or `all`. */
  readonly touched: string;
}

async function changed(
  { path, text }: SourceText,
  config: Config,
  request: EditRequest,
  options: ConfigOptions,
): Promise<Change> {
  const tree = parse(text, silentLines);
  if (request.kind === 'add-virtual') {
    const edit = addVirtual(tree, request.virtual, request.settings);
    return { text: applyEdits(tree, [edit]), touched: 'none' };
  }
  if (request.kind === 'set-global' || request.kind === 'remove-global') {
    return { text: changedGlobals(tree, request), touched: 'all' };
  }
  const virtual = await identifyVirtual(request.virtual, config.virtuals, options);
  const key = virtualKey(virtual.id);
  if (virtual.file !== undefined) {
    throw new EditError(
      `"${key}" stands in "${virtual.file}", which "${path}" includes: edit that`,
    );
  }
  return { text: await changedSection(tree, virtual, request, options), touched: key };
}

function changedGlobals(tree: SyntaxTree, request: GlobalRequest): string {
  if (request.kind === 'set-global') return settings(tree, () => undefined, request.settings);
  return applyEdits(tree, removeDirective(tree, undefined, request.name));
}

async function changedSection(
  tree: SyntaxTree,
  virtual: VirtualServer,
  request: SectionRequest,
  options: ConfigOptions,
): Promise<string> {
  const sectionIn = (one: SyntaxTree): Section => {
    const section = one.sections.find(({ head }) => head.number === virtual.line);
    if (section === undefined) throw new Error(`line ${virtual.line}: no section begins there`);
    return section;
  };
  const section = sectionIn(tree);
  switch (request.kind) {
    case 'set':
      return settings(tree, sectionIn, request.settings);
    case 'add-real':
      return applyEdits(tree, [addReal(tree, section, request.real)]);
    case 'remove-virtual':
      return applyEdits(tree, [removeVirtual(tree, section)]);
    case 'remove-directive':
      return applyEdits(tree, removeDirective(tree, section, request.name));
    case 'remove-real': {
      const line = await realLineOf(section, virtual, request.real, options);
      return applyEdits(tree, [removeServer(line, section)]);
    }
    case 'set-weight': {
      const line = await realLineOf(section, virtual, request.real, options);
      return applyEdits(tree, [setWeight(line, request.weight)]);
    }
  }
}

/** One after the other: each sees what the one before has written. */
function settings(
  tree: SyntaxTree,
  sectionIn: (tree: SyntaxTree) => Section | undefined,
  wanted: readonly NewSetting[],
): string {
  let now = tree;
  for (const setting of wanted) {
    const edit = setDirective(now, sectionIn(now), setting);
    now = parse(applyEdits(now, [edit]), silentLines);
  }
  return applyEdits(now, []);
}

async function realLineOf(
  section: Section,
  virtual: VirtualServer,
  text: string,
  options: ConfigOptions,
): Promise<DirectiveLine> {
  const real = await identifyReal(text, virtual, options);
  if (virtual.reals.filter(({ line }) => line === real.line).length > 1) {
    throw new EditError(`real server: "${real.key}" is one of the range in line ${real.line}`);
  }
  const line = section.body.find(({ number }) => number === real.line);
  if (line === undefined) throw new Error(`line ${real.line}: not in its section`);
  return line;
}

/** A net below all edits: what was not named means the same as before. */
function refuseSideEffects(before: Config, after: Config, touched: string): void {
  const others = before.virtuals.filter(({ id }) => virtualKey(id) !== touched);
  const now = new Map(after.virtuals.map((virtual) => [virtualKey(virtual.id), virtual]));
  for (const virtual of others) {
    const key = virtualKey(virtual.id);
    const found = now.get(key);
    if (found === undefined || !isDeepStrictEqual(withoutLines(found), withoutLines(virtual))) {
      throw new EditError(`the edit would change "${key}" as well`);
    }
  }
  if (after.virtuals.length > others.length + 1) {
    throw new EditError('the edit would add more than one virtual server');
  }
  if (!isDeepStrictEqual({ ...after, virtuals: [] }, { ...before, virtuals: [] })) {
    throw new EditError('the edit would change global values as well');
  }
}

function withoutLines(virtual: VirtualServer): object {
  const withoutLine = (check: ServerCheck): object => ({ ...check, line: 0 });
  return {
    ...virtual,
    line: 0,
    reals: virtual.reals.map((real) => ({
      ...real,
      line: 0,
      checks: real.checks.map(withoutLine),
    })),
    fallbacks: virtual.fallbacks.map((one) => ({ ...one, checks: one.checks.map(withoutLine) })),
  };
}

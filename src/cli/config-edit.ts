import { parseArgs } from 'node:util';
import type { Diagnostic } from '../config/diagnostic.ts';
import { type EditRequest, editConfig } from '../config/edit-config.ts';
import { EditError } from '../config/ldirectord/edit.ts';
import type { NewSetting } from '../config/ldirectord/edit-setting.ts';
import { decode } from '../config/ldirectord/encoding.ts';
import { renderDiagnostic } from '../config/render-diagnostic.ts';
import { CliError } from './cli-error.ts';
import { configPath, wrongArguments } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { checkOptions } from './load.ts';
import { rewrite } from './rewrite.ts';

/** `ipvsd config add-virtual FILE VIRTUAL [NAME=VALUE]... [--dry-run]` */
export function configAddVirtual(args: readonly string[]): Promise<number> {
  return edit('add-virtual', args, ([virtual, ...words]) => {
    const settings = words.map(settingOf);
    if (virtual === undefined || !allGiven(settings)) return undefined;
    return { kind: 'add-virtual', virtual, settings };
  });
}

/** `ipvsd config add-real FILE VIRTUAL HOST[:PORT] gate|masq|ipip [WEIGHT] ... [--dry-run]` */
export function configAddReal(args: readonly string[]): Promise<number> {
  return edit('add-real', args, ([virtual, ...words]) => {
    if (virtual === undefined || words.length === 0) return undefined;
    return { kind: 'add-real', virtual, real: words.join(' ') };
  });
}

/**
 * `ipvsd config set FILE [VIRTUAL] NAME=VALUE... [--dry-run]`, without VIRTUAL on global lines; or
 * `... FILE VIRTUAL REAL weight=N`
 */
export function configSet(args: readonly string[]): Promise<number> {
  return edit('set', args, (words) => {
    const [first = ''] = words;
    const virtual = settingOf(first) === undefined ? first : undefined;
    const [, real = '', last = ''] = words;
    if (virtual !== undefined && settingOf(real) === undefined && words.length === 3) {
      const weight = settingOf(last);
      if (weight?.name !== 'weight') return undefined;
      return { kind: 'set-weight', virtual, real, weight: weight.value.trim() };
    }
    const settings = (virtual === undefined ? words : words.slice(1)).map(settingOf);
    if (settings.length === 0 || !allGiven(settings)) return undefined;
    return virtual === undefined
      ? { kind: 'set-global', settings }
      : { kind: 'set', virtual, settings };
  });
}

/**
 * `ipvsd config remove FILE VIRTUAL [--dry-run]`, `... FILE VIRTUAL REAL`, `... FILE [VIRTUAL]
 * directive NAME`
 */
export function configRemove(args: readonly string[]): Promise<number> {
  return edit('remove', args, (words) => {
    const [first, second, third] = words;
    if (first === 'directive' && second !== undefined && words.length === 2) {
      return { kind: 'remove-global', name: second };
    }
    if (first === undefined) return undefined;
    if (words.length === 1) return { kind: 'remove-virtual', virtual: first };
    if (second === 'directive' && third !== undefined && words.length === 3) {
      return { kind: 'remove-directive', virtual: first, name: third };
    }
    if (second === undefined || second === 'directive' || words.length !== 2) return undefined;
    return { kind: 'remove-real', virtual: first, real: second };
  });
}

const forms = {
  'add-virtual': 'FILE VIRTUAL [NAME=VALUE]...',
  'add-real': 'FILE VIRTUAL HOST[:PORT] gate|masq|ipip [WEIGHT]',
  set: 'FILE [VIRTUAL] NAME=VALUE..., or FILE VIRTUAL REAL weight=N',
  remove: 'FILE VIRTUAL, FILE VIRTUAL REAL, or FILE [VIRTUAL] directive NAME',
} as const;

/**
 * Runs an edit, and prints what it changes as a diff.
 *
 * @returns 0; also when there was nothing to change.
 * @throws CliError with exit code 2 when the file has errors, or would have them.
 */
async function edit(
  command: keyof typeof forms,
  args: readonly string[],
  requestOf: (words: readonly string[]) => EditRequest | undefined,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean', default: false } },
  });
  const [file, ...words] = positionals;
  const request = requestOf(words);
  if (file === undefined || request === undefined) return wrongArguments(command, forms[command]);
  const path = configPath(file);
  const dryRun = values['dry-run'];
  await rewrite(path, { dryRun, print: 'diff' }, (bytes) => edited(path, bytes, request, command));
  return exitCodes.ok;
}

async function edited(path: string, bytes: Uint8Array, request: EditRequest, command: string) {
  const source = { path, ...decode(bytes) };
  const { before, after, text } = await editConfig(source, request, checkOptions).catch(
    (error: unknown) => {
      if (!(error instanceof EditError)) throw error;
      throw new CliError(`config ${command}: ${error.message}`, exitCodes.failure);
    },
  );
  const known = new Set(after === undefined ? [] : before.diagnostics.map(findingOf));
  const fresh = (after ?? before).diagnostics.filter((found) => !known.has(findingOf(found)));
  for (const diagnostic of fresh) process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
  if (text !== undefined) return { ...source, after: text };
  const whose = after === undefined ? 'the file has errors' : 'the result would have errors';
  throw new CliError(`config ${command}: ${whose}, nothing is written`, exitCodes.configError);
}

/** A finding wherever it stands: lines move. */
function findingOf({ code, path, message, source }: Diagnostic): string {
  return JSON.stringify([code, path, message, source]);
}

function settingOf(word: string): NewSetting | undefined {
  const [, name, value] = /^([A-Za-z][\w-]*)\s*=(.*)$/s.exec(word) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}

function allGiven(
  settings: readonly (NewSetting | undefined)[],
): settings is readonly NewSetting[] {
  return !settings.includes(undefined);
}

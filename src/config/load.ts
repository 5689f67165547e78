import { hostname } from 'node:os';
import type { Diagnostic } from './diagnostic.ts';
import { type FileAccess, systemFiles } from './files.ts';
import type { MissingPackage, ResolveContext } from './ldirectord/context.ts';
import { decode } from './ldirectord/encoding.ts';
import { nameTable } from './ldirectord/name-table.ts';
import { type CollectingReport, collectingReport, reportByLine } from './ldirectord/report.ts';
import { resolve } from './ldirectord/resolve.ts';
import { secretTable } from './ldirectord/secret-table.ts';
import { aboutFile, readSources, type Sources, type SourceText } from './ldirectord/sources.ts';
import type { Line } from './ldirectord/syntax.ts';
import type { Config } from './model.ts';
import { type Resolver, systemResolver } from './names.ts';
import { systemErrorText } from './system-error.ts';

export interface ConfigOptions {
  /** Refuse all that ldirectord refuses, instead of reading it with a warning. */
  readonly strict?: boolean | undefined;
  readonly resolver?: Resolver | undefined;
  /** Where the file and those that it includes are read from. */
  readonly files?: FileAccess | undefined;
  /** Name of this machine in the default logins of ftp and sip. */
  readonly hostname?: string | undefined;
  /** Names the npm package that a service needs and that is not installed. Default: none is. */
  readonly missingPackage?: MissingPackage | undefined;
}

export interface ConfigResult {
  /** Absent when any diagnostic is an error. */
  readonly config?: Config;
  /** All findings of all files, file by file in its order. */
  readonly diagnostics: readonly Diagnostic[];
  /** What was read, as in `Config.files`; there also after an error. */
  readonly files: readonly string[];
  /** The files as they were read; none when the main file cannot be read. */
  readonly sources?: Sources;
}

/**
 * Reads a configuration file and those that it includes. A file that cannot be read is a
 * diagnostic; nothing is thrown.
 */
export async function loadConfig(path: string, options: ConfigOptions = {}): Promise<ConfigResult> {
  const files = options.files ?? systemFiles;
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path);
  } catch (error) {
    const message = `can not open file: ${systemErrorText(error)}`;
    return { diagnostics: [aboutFile('error', 'unreadable', path, message)], files: [path] };
  }
  return parseSource({ path, ...decode(bytes) }, options);
}

/**
 * Text to configuration. Host and service names are looked up through `options.resolver`;
 * literal addresses and port numbers never are.
 *
 * @param path - for messages and `Config.path`; not opened, but what it includes is.
 */
export function parseConfig(
  text: string,
  path: string,
  options: ConfigOptions = {},
): Promise<ConfigResult> {
  return parseSource({ path, text, encoding: 'utf8' }, options);
}

/** As `parseConfig`, for a text whose encoding is known. */
export async function parseSource(
  main: SourceText,
  options: ConfigOptions = {},
): Promise<ConfigResult> {
  const strict = options.strict ?? false;
  const sources = await readSources(main, options.files ?? systemFiles, strict);
  const names = nameTable(options.resolver ?? systemResolver());
  const secrets = secretTable(options.files ?? systemFiles);
  const { HOSTNAME } = process.env;
  const [, ...included] = sources.files.map(({ path }) => path);
  const folders = sources.folders.map((folder) => `${folder}/`);
  const files = [main.path, ...included, ...folders] as const;
  for (;;) {
    const reports = reportsOf(sources, strict);
    const context: Omit<ResolveContext, 'globals' | 'definitions' | 'servers'> = {
      report: reports.report,
      names,
      hostname: options.hostname ?? HOSTNAME ?? hostname(),
      missingPackage: options.missingPackage ?? (() => undefined),
      readSecret: (file) => secrets.read(file),
      includedFile: includedFile(sources),
    };
    const config = resolve(sources, files, context);
    // What was asked for is known in the next round, which may ask for more.
    const filled = await Promise.all([names.fill(), secrets.fill()]);
    if (filled.includes(true)) continue;
    const diagnostics = reports.diagnostics();
    const failed = diagnostics.some(({ severity }) => severity === 'error');
    const result = { diagnostics, files, sources };
    return failed ? result : { ...result, config };
  }
}

/** A report that begins with what is known of each file by itself. */
function reportsOf({ files }: Sources, strict: boolean) {
  const reports = files.map(({ path, findings }) => collectingReport(path, strict, findings));
  const byLine = new Map<Line, CollectingReport>();
  for (const [index, { tree }] of files.entries()) {
    const report = reports[index];
    if (report !== undefined) for (const line of tree.lines) byLine.set(line, report);
  }
  return {
    report: reportByLine((line) => {
      const report = byLine.get(line);
      if (report === undefined) throw new Error(`line ${line.number}: of no file`);
      return report;
    }),
    diagnostics: () => reports.flatMap((report) => report.diagnostics()),
  };
}

function includedFile({ files }: Sources): (line: Line) => string | undefined {
  const [, ...included] = files;
  const byLine = new Map<Line, string>();
  for (const { path, tree } of included) for (const line of tree.lines) byLine.set(line, path);
  return (line) => byLine.get(line);
}

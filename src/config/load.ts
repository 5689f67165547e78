import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Diagnostic } from './diagnostic.ts';
import type { ResolveContext } from './ldirectord/context.ts';
import { decode } from './ldirectord/encoding.ts';
import { nameTable } from './ldirectord/name-table.ts';
import { parse } from './ldirectord/parser.ts';
import { collectingReport } from './ldirectord/report.ts';
import { resolve } from './ldirectord/resolve.ts';
import { validate } from './ldirectord/validate.ts';
import type { Config } from './model.ts';
import { type Resolver, systemResolver } from './names.ts';
import { systemErrorText } from './system-error.ts';

export interface ConfigOptions {
  /** Refuse all that ldirectord refuses, instead of reading it with a warning. */
  readonly strict?: boolean | undefined;
  readonly resolver?: Resolver | undefined;
  /** Name of this machine in the default logins of ftp and sip. */
  readonly hostname?: string | undefined;
  /** What can be checked; a file that asks for more is refused. Default: all. */
  readonly supportedTypes?: ReadonlySet<string> | undefined;
  readonly supportedServices?: ReadonlySet<string> | undefined;
}

export interface ConfigResult {
  /** Absent when any diagnostic is an error. */
  readonly config?: Config;
  /** All findings of the whole file, in its order. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a configuration file. A file that cannot be read is a diagnostic with line 0; nothing
 * is thrown.
 */
export async function loadConfig(path: string, options: ConfigOptions = {}): Promise<ConfigResult> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const why = `can not open file: ${systemErrorText(error)}`;
    return { diagnostics: [aboutFile('error', 'unreadable', path, why)] };
  }
  const { text, encoding } = decode(bytes);
  const result = await parseConfig(text, path, options);
  if (encoding === 'utf8') return result;
  const warning = aboutFile('warning', 'encoding', path, 'not UTF-8, read as Latin-1');
  return { ...result, diagnostics: [warning, ...result.diagnostics] };
}

/**
 * Text to configuration. Host and service names are looked up through `options.resolver`;
 * literal addresses and port numbers never are.
 *
 * @param path - for messages and `Config.path`; not opened.
 */
export async function parseConfig(
  text: string,
  path: string,
  options: ConfigOptions = {},
): Promise<ConfigResult> {
  const names = nameTable(options.resolver ?? systemResolver());
  const { HOSTNAME } = process.env;
  for (;;) {
    const report = collectingReport(path, options.strict ?? false);
    const tree = parse(text, report);
    validate(tree, report);
    const context: ResolveContext = {
      report,
      names,
      globals: tree.globals,
      hostname: options.hostname ?? HOSTNAME ?? hostname(),
      supported: { types: options.supportedTypes, services: options.supportedServices },
    };
    const config = resolve(tree, path, context);
    // What was asked for is known in the next round, which may ask for more.
    if (await names.fill()) continue;
    const diagnostics = report.diagnostics();
    const failed = diagnostics.some(({ severity }) => severity === 'error');
    return failed ? { diagnostics } : { config, diagnostics };
  }
}

function aboutFile(
  severity: Diagnostic['severity'],
  code: string,
  path: string,
  message: string,
): Diagnostic {
  return { severity, code, path, line: 0, column: 0, length: 1, message, source: '' };
}

import { dirname } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import { directives as d } from '../ldirectord/directives.ts';
import { collectingReport } from '../ldirectord/report.ts';
import { lastSetting } from '../ldirectord/settings.ts';
import type { Sources } from '../ldirectord/sources.ts';
import type { DirectiveLine } from '../ldirectord/syntax.ts';

/**
 * Warnings about folders that the file speaks of and that are not there: without that of the log a
 * daemon does not start, without maintenancedir no order can be given.
 *
 * @param isFolder whether there is one at a path.
 */
export function folderWarnings(
  { files, globals }: Sources,
  isFolder: (path: string) => boolean,
): readonly Diagnostic[] {
  const logfile = lastSetting(globals, d.logfile);
  const maintenance = lastSetting(globals, d.maintenancedir);
  const missing: { readonly line: DirectiveLine; readonly message: string }[] = [];
  if (logfile?.value.startsWith('/') && !isFolder(dirname(logfile.value))) {
    const folder = dirname(logfile.value);
    const message = `logfile: there is no folder "${folder}", and without a log no start`;
    missing.push({ line: logfile.line, message });
  }
  if (maintenance !== undefined && !isFolder(maintenance.value)) {
    const message = `maintenancedir: there is no folder "${maintenance.value}" to put files into`;
    missing.push({ line: maintenance.line, message });
  }
  return files.flatMap(({ path, tree }) => {
    const report = collectingReport(path, false);
    for (const { line, message } of missing) {
      if (tree.lines.includes(line)) report.warn(line, 'folder', message);
    }
    return report.diagnostics();
  });
}

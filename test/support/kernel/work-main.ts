import { runFile } from '../runner/run-file.ts';
import { isolate } from './isolate.ts';
import { claim, readWork, report } from './work.ts';

// Runs inside a User-Mode Linux machine: takes test files off the list until none is left, and
// runs each in namespaces of its own. Arguments: the work directory, and the machine's name.
const [directory = '', machine = ''] = process.argv.slice(2);
const { items, fileTimeoutMs, live } = readWork(directory);
for (const [index, item] of items.entries()) {
  if (claim(directory, index)) {
    const result = await runFile(item, {
      wrap: (argv) => isolate(argv, { coverHost: false }),
      timeoutMs: fileTimeoutMs,
      live,
    });
    report(directory, machine, result);
  }
}

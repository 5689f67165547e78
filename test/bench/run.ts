import { fileURLToPath } from 'node:url';
import { prepareKernel } from '../support/kernel/prepare-kernel.ts';
import { runInKernel } from '../support/kernel/run-in-kernel.ts';

// npm run bench: figures side by side, all of one run in one kernel. Ratios are what counts.

const TIMEOUT_MS = 600_000;

const kernel = await prepareKernel([], console.log);
if (kernel.kind === 'none') {
  console.error(`bench: ${kernel.reason}`);
  process.exit(1);
}
process.exitCode = await runInKernel({
  place: kernel.place,
  command: [process.execPath, fileURLToPath(new URL('./table-main.js', import.meta.url))],
  timeoutMs: TIMEOUT_MS,
});

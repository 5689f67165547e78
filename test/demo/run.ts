import { fileURLToPath } from 'node:url';
import { prepareKernel } from '../support/kernel/prepare-kernel.ts';
import { runInKernel } from '../support/kernel/run-in-kernel.ts';

// npm run demo: installs what is missing, finds or boots a kernel with IPVS, and shows the main
// job there. Exit 0 only when all of it held.

const TIMEOUT_MS = 120_000;

const kernel = await prepareKernel([], console.log);
if (kernel.kind === 'none') {
  console.error(`demo: ${kernel.reason}`);
  process.exit(1);
}
const where = kernel.place === 'host' ? 'this kernel' : 'a User-Mode Linux kernel booted for it';
console.log(`The demo runs in ${where}, in network namespaces of its own.\n`);
const main = fileURLToPath(new URL('./demo-main.js', import.meta.url));
process.exitCode = await runInKernel({
  place: kernel.place,
  command: [process.execPath, main],
  timeoutMs: TIMEOUT_MS,
});

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { folder as ldirectordRecordings } from './support/differential/recording.ts';
import { recordingFolder as keepalivedRecordings } from './support/keepalived-differential/recording.ts';
import type { Place } from './support/kernel/place.ts';
import { type PreparedKernel, prepareKernel } from './support/kernel/prepare-kernel.ts';
import { runKernelTier, type TierLimits } from './support/kernel/run-kernel-tier.ts';
import { clusterPackages, comparedPackages, serverPackagesOf } from './support/packages.ts';
import { discover, type TestFile, type Tier, tiers } from './support/runner/discover.ts';
import { type FileResult, runFile } from './support/runner/run-file.ts';
import { runPool } from './support/runner/run-pool.ts';
import { renderFile, renderSummary, tally } from './support/runner/tally.ts';

const USAGE = `usage: node dist/test/run.js [--verbose] [all|${tiers.join('|')} [NAME-PART]]`;
const UNIT_FILE_TIMEOUT_MS = 120_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The project's test runner: exits 0 only when at least one test ran and none failed. */
async function main(argv: readonly string[]): Promise<number> {
  const verbose = argv.includes('--verbose');
  const [wish = 'all', part = ''] = argv.filter((word) => word !== '--verbose');
  const tier = tiers.find((name) => name === wish) ?? 'all';
  if (tier !== wish) {
    console.error(USAGE);
    return 2;
  }
  const results: FileResult[] = [];
  const onResult = (result: FileResult): void => {
    results.push(result);
    process.stdout.write(renderFile(result, verbose || tier === 'ha'));
  };
  const files = select(tier === 'all' ? ['unit', 'kernel'] : [tier], part);
  const unitFiles = files.filter((file) => file.tier === 'unit');
  const kernelFiles = files.filter((file) => file.tier !== 'unit');
  // First, as it may install what a unit test of the kernel's own support can use.
  const kernel =
    kernelFiles.length === 0
      ? undefined
      : await prepareKernel(
          [
            ...comparedPackages,
            ...(tier === 'ha' ? clusterPackages : []),
            ...serverPackagesOf(files.map(({ name }) => name)),
          ],
          (line) => console.log(line),
        );
  await runUnit(unitFiles, onResult);
  if (kernel !== undefined) {
    await runKernel(kernel, kernelFiles, onResult);
  }
  process.stdout.write(renderSummary(results));
  return judge(results);
}

/** An empty selection is an error: node --test would call it a success. */
function select(wanted: readonly Tier[], part: string): readonly TestFile[] {
  const files = wanted
    .flatMap((tier) => discover(ROOT, tier))
    .filter(({ name }) => name.includes(part));
  if (files.length === 0) {
    const wish = part === '' ? '' : ` with "${part}" in its name`;
    throw new Error(
      `test files: expected at least one of ${wanted.join(' or ')}${wish}, found none`,
    );
  }
  return files;
}

async function runUnit(
  files: readonly TestFile[],
  onResult: (result: FileResult) => void,
): Promise<void> {
  const live = files.length === 1;
  await runPool(files, availableParallelism(), async (file) => {
    const result = await runFile(file, { timeoutMs: UNIT_FILE_TIMEOUT_MS, live });
    onResult(isCi() ? withoutSkips(result) : result);
  });
}

/** Where the tier cannot run, that is a failure in CI and a skip with its reason elsewhere. */
async function runKernel(
  kernel: PreparedKernel,
  files: readonly TestFile[],
  onResult: (result: FileResult) => void,
): Promise<void> {
  if (kernel.kind === 'none') {
    console.error(`kernel tests did not run: ${kernel.reason}`);
    for (const { name } of files) {
      onResult(isCi() ? failWhole(name, kernel.reason) : skipWhole(name, kernel.reason));
    }
    return;
  }
  console.log(`kernel tests: ${PLACE_TEXT[kernel.place]}`);
  await runKernelTier(kernel.place, files, limits(files), (result) => {
    onResult(isCi() ? withoutSkips(result) : result);
  });
}

/** Cluster engines wait for each other by design, and two nodes are many processes. */
function limits(files: readonly TestFile[]): TierLimits {
  if (files.some(({ tier }) => tier === 'ha')) {
    return { fileTimeoutMs: 2_400_000, memoryMb: 3072, written: [] };
  }
  const written = [
    ...(process.env['RECORD_LDIRECTORD'] === undefined ? [] : [ldirectordRecordings]),
    ...(process.env['RECORD_KEEPALIVED'] === undefined ? [] : [keepalivedRecordings]),
  ];
  // many programs at once in there: a file that takes two minutes alone has taken ten on a busy machine
  const isBeside = files.some(({ tier }) => tier === 'beside');
  return written.length === 0
    ? { fileTimeoutMs: isBeside ? 1_200_000 : 600_000, memoryMb: 1536, written }
    : { fileTimeoutMs: 3_600_000, memoryMb: 2048, written };
}

const PLACE_TEXT = {
  host: "in namespaces of this machine's own kernel",
  uml: 'in a User-Mode Linux kernel booted for them',
} as const satisfies Record<Place, string>;

function skipWhole(name: string, reason: string): FileResult {
  const skipped = [{ name: 'the whole file', reason }];
  return { name, passed: 0, failed: 0, skipped, trouble: undefined, durationMs: 0, output: '' };
}

function failWhole(name: string, trouble: string): FileResult {
  return { name, passed: 0, failed: 0, skipped: [], trouble, durationMs: 0, output: '' };
}

/** With CI=true a test that did not run has not passed. */
function withoutSkips(result: FileResult): FileResult {
  return result.skipped.length === 0 || result.trouble !== undefined
    ? result
    : { ...result, trouble: `${result.skipped.length} skipped, expected all to run with CI=true` };
}

function isCi(): boolean {
  const { CI = '' } = process.env;
  return !['', '0', 'false'].includes(CI);
}

function judge(results: readonly FileResult[]): number {
  const { passed, failed } = tally(results);
  if (passed + failed === 0) {
    console.error('no test ran');
    return 1;
  }
  return failed === 0 ? 0 : 1;
}

// A signal must end the machines and test processes that were started; their owners listen to exit.
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.once(signal, () => process.exit(128 + number));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

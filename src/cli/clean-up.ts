import { rmSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import type { Instance } from '../daemon/instance.ts';
import { KernelSettings, kernelSettingsMemory } from '../daemon/kernel-settings.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { openOrFail } from './foreground.ts';
import { load } from './load.ts';

/**
 * Does what a daemon that was killed could not do: deletes the services whose virtual has
 * cleanstop=yes, puts kernel settings back, removes the pid file. Which services they are only the
 * file tells; when it is broken they stay, and a line on stderr says so.
 *
 * @returns 0.
 * @throws CliError with exit code 1 when the kernel refuses; the pid file then stays.
 */
export async function cleanUpAfterCrash(instance: Instance): Promise<number> {
  const { config } = await load(instance.configPath);
  if (config === undefined) {
    process.stderr.write(
      `ipvsd: ${instance.configPath} cannot be read, services of the killed daemon stay in the kernel\n`,
    );
  } else {
    await removeServices(config);
  }
  const problems = new KernelSettings(kernelSettingsMemory(instance)).restore();
  for (const problem of problems) process.stderr.write(`ipvsd: ${problem}\n`);
  rmSync(instance.socketPath, { force: true });
  rmSync(instance.pidFile, { force: true });
  return exitCodes.ok;
}

async function removeServices({ virtuals }: Config): Promise<void> {
  const { backend } = await openOrFail('auto');
  try {
    const present = new Set((await backend.readTable()).map(({ id }) => serviceKey(id)));
    const doomed = virtuals.filter(({ cleanstop, id }) => cleanstop && present.has(serviceKey(id)));
    const operations = doomed.map(({ id }) => ({ kind: 'delete-service', service: id }) as const);
    const failed = (await backend.apply(operations)).find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) throw new CliError(failed.error.message, exitCodes.failure);
  } finally {
    await backend.close();
  }
}

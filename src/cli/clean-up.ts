import { rmSync } from 'node:fs';
import type { VirtualServer } from '../config/model.ts';
import type { Instance } from '../daemon/instance.ts';
import { KernelSettings, kernelSettingsMemory } from '../daemon/kernel-settings.ts';
import { ManagedServices, servicesMemory } from '../daemon/managed-services.ts';
import { networkNamespaceExists } from '../daemon/network-namespace.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import { managedOnly } from '../reconcile/diff.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { openOrFail } from './foreground.ts';
import { load } from './load.ts';

/**
 * Does what a daemon that was killed could not do: deletes its services but for those with
 * cleanstop=no, puts kernel settings back, removes the pid file. Which services they are it has left
 * word of, and the file tells; when it has neither they stay, and a line on stderr says so. With a
 * network namespace that is gone went all of them.
 *
 * @returns 0.
 * @throws CliError with exit code 1 when the kernel refuses, or the services are in another network
 *   namespace; the pid file then stays.
 */
export async function cleanUpAfterCrash(instance: Instance): Promise<number> {
  const memory = new ManagedServices({ path: servicesMemory(instance), onProblem: warn });
  const { elsewhere } = memory;
  if (elsewhere === undefined) {
    await undo(instance, memory);
  } else if (networkNamespaceExists(elsewhere)) {
    throw new CliError(
      `services of the killed daemon are in another network namespace, stop it there: ${elsewhere}`,
      exitCodes.failure,
    );
  }
  memory.forget();
  for (const path of [kernelSettingsMemory(instance), instance.socketPath, instance.pidFile]) {
    rmSync(path, { force: true });
  }
  return exitCodes.ok;
}

function warn(line: string): void {
  process.stderr.write(`ipvsd: ${line}\n`);
}

async function undo(instance: Instance, memory: ManagedServices): Promise<void> {
  const { configPath } = instance;
  const { config } = await load(configPath);
  if (config === undefined && memory.recalled.size === 0) {
    warn(`${configPath} cannot be read, services of the killed daemon stay in the kernel`);
  } else {
    await removeServices(doomedServices(memory, config?.virtuals ?? []));
  }
  const problems = new KernelSettings(kernelSettingsMemory(instance)).restore();
  for (const problem of problems) warn(problem);
}

/** Where the file and the daemon's word differ, the file counts, as at a stop in order. */
function doomedServices(
  memory: ManagedServices,
  virtuals: readonly VirtualServer[],
): ReadonlySet<string> {
  const doomed = new Set([...memory.recalled].filter((key) => !memory.recalledKept.has(key)));
  for (const { cleanstop, id } of virtuals) {
    if (cleanstop) doomed.add(serviceKey(id));
    else doomed.delete(serviceKey(id));
  }
  for (const { service } of memory.shared(doomed)) doomed.delete(service);
  return doomed;
}

async function removeServices(keys: ReadonlySet<string>): Promise<void> {
  const { backend } = await openOrFail('auto');
  try {
    const doomed = managedOnly(await backend.readTable(), keys);
    const operations = doomed.map(({ id }) => ({ kind: 'delete-service', service: id }) as const);
    const failed = (await backend.apply(operations)).find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) throw new CliError(failed.error.message, exitCodes.failure);
  } finally {
    await backend.close();
  }
}

import { z } from 'zod';
import { check, family, milliseconds, port, protocol, whole } from './check-schema.ts';
import type { Config } from './model.ts';

/**
 * The resolved model as a schema: what `ipvsd config show --json` prints. Strict, so that a field
 * of the model that is missing here fails its test.
 */

const forward = z.enum(['gate', 'masq', 'ipip']);

const virtualId = z.union([
  z.strictObject({ family, protocol, address: z.string(), port }),
  z.strictObject({ family, fwmark: z.int().min(1).max(0xffff_ffff) }),
]);

const real = z
  .strictObject({
    key: z.string().describe('unique within its virtual server'),
    family,
    address: z.string(),
    port: port.describe('0: the file gives none'),
    forward,
    weight: whole,
    upperThreshold: whole,
    lowerThreshold: whole,
    check,
    checkIdentity: z.string().describe('what the monitorfile calls the check').exactOptional(),
    line: z.int().min(1),
  })
  .meta({ id: 'real' });

const virtual = z
  .strictObject({
    id: virtualId,
    label: z.string(),
    reals: z.array(real),
    fallback: z.strictObject({ family, address: z.string(), port, forward }).exactOptional(),
    scheduler: z.string(),
    schedulerFlags: z.array(z.string()),
    persistentS: whole.describe('0: no persistence'),
    netmask: z.string().exactOptional(),
    onePacket: z.boolean(),
    quiescent: z.boolean(),
    readdQuiescent: z.boolean(),
    cleanstop: z.boolean(),
    minServers: z
      .union([
        z.strictObject({ count: z.int().min(1) }),
        z.strictObject({ percent: z.int().min(1).max(100) }),
      ])
      .exactOptional(),
    persistentClean: z.boolean(),
    intervals: z.strictObject({
      normalMs: milliseconds,
      fastMs: milliseconds,
      downMs: milliseconds,
    }),
    failureCount: z.int().min(1),
    rise: z.int().min(1),
    fallbackCommand: z.string().exactOptional(),
    monitorFile: z.string().exactOptional(),
    serviceName: z.string().exactOptional(),
    comment: z.string().exactOptional(),
    emailAlert: z.strictObject({
      recipients: z.array(z.string()),
      frequencyS: whole,
      statuses: z.array(z.enum(['starting', 'running', 'stopping', 'reloading'])),
      smtp: z.string().exactOptional(),
    }),
    line: z.int().min(1),
    file: z.string().describe('the included file that it stands in').exactOptional(),
  })
  .meta({ id: 'virtual' });

export const configSchema = z.strictObject({
  path: z.string(),
  files: z.array(z.string()).describe('files that were read, and folders (ending in "/")'),
  virtuals: z.array(virtual),
  autoreload: z.boolean(),
  callback: z.string().exactOptional(),
  logfile: z.string(),
  supervised: z.boolean(),
  fork: z.boolean(),
  execute: z.array(z.string()),
  maintenanceDir: z.string().exactOptional(),
  emailAlertFrom: z.string().exactOptional(),
}) satisfies z.ZodType<Config>;

/** The JSON Schema of the resolved model, as published in config.schema.json. */
export function configJsonSchema(): object {
  const title = 'Resolved configuration of ipvsd';
  return z.toJSONSchema(configSchema.meta({ title }), { target: 'draft-2020-12' });
}

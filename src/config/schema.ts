import { z } from 'zod';
import {
  check,
  endpoint,
  family,
  milliseconds,
  port,
  transportProtocol,
  whole,
} from './check-schema.ts';
import type { Config } from './model.ts';

/**
 * The resolved model as a schema: what `ipvsd config show --json` prints. Strict, so that a field
 * of the model that is missing here fails its test.
 */

const forward = z.enum(['gate', 'masq', 'ipip']);

const virtualId = z.union([
  z.strictObject({ family, protocol: transportProtocol, address: z.string(), port }),
  z.strictObject({ family, fwmark: z.int().min(1).max(0xffff_ffff) }),
]);

const rhythm = {
  intervals: z.strictObject({ normalMs: milliseconds, fastMs: milliseconds, downMs: milliseconds }),
  failureCount: z.int().min(1),
  rise: z.int().min(1),
};

const serverCheck = z
  .strictObject({
    name: z.string().describe('unique within its server'),
    definition: check,
    ...rhythm,
    warmupMs: whole.describe('the first run comes within this time'),
    alpha: z.boolean().describe('out until the first good answer'),
    identity: z.string().describe('what the monitorfile calls the check').exactOptional(),
    line: z.int().min(1).describe('absent for "checktype"').exactOptional(),
  })
  .meta({ id: 'serverCheck' });

const tunnel = z
  .strictObject({
    type: z.enum(['gue', 'gre']),
    port,
    checksum: z.enum(['nocsum', 'csum', 'remcsum']),
  })
  .meta({ id: 'tunnel' });

const fallback = z
  .strictObject({
    key: z.string().describe('unique within its virtual server'),
    ...endpoint.shape,
    forward,
    tunnel: tunnel.exactOptional(),
    weight: whole,
    priority: whole.describe('of those that are up, the lowest serve'),
    checks: z.array(serverCheck).describe('none: always up'),
  })
  .meta({ id: 'fallback' });

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
    checks: z.array(serverCheck),
    tunnel: tunnel.exactOptional(),
    inhibit: z.boolean().describe('weight 0 when failed').exactOptional(),
    notifyUp: z.string().exactOptional(),
    notifyDown: z.string().exactOptional(),
    line: z.int().min(1),
  })
  .meta({ id: 'real' });

const virtual = z
  .strictObject({
    id: virtualId,
    label: z.string(),
    markFor: z
      .array(
        z.strictObject({
          protocol: transportProtocol,
          ...endpoint.shape,
          line: z.int().min(1),
        }),
      )
      .exactOptional(),
    reals: z.array(real),
    fallbacks: z.array(fallback),
    fallbackQuiescent: z.boolean(),
    quorum: z
      .strictObject({
        weight: z.int().min(1),
        hysteresis: whole,
        upCommand: z.string().exactOptional(),
        downCommand: z.string().exactOptional(),
      })
      .exactOptional(),
    slowStartMs: whole.describe('0: the whole weight at once'),
    damping: z.strictObject({ minMs: milliseconds, maxMs: milliseconds }).exactOptional(),
    scheduler: z.string(),
    schedulerFlags: z.array(z.string()),
    persistentS: whole.describe('0: no persistence'),
    netmask: z.string().exactOptional(),
    persistentEngine: z.string().exactOptional(),
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
    ...rhythm,
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
  standby: z.strictObject({
    checks: z.enum(['full', 'slow', 'none']),
    table: z.enum(['keep', 'clear']),
  }),
  emailAlertFrom: z.string().exactOptional(),
}) satisfies z.ZodType<Config>;

/** The JSON Schema of the resolved model, as published in config.schema.json. */
export function configJsonSchema(): object {
  const title = 'Resolved configuration of ipvsd';
  return z.toJSONSchema(configSchema.meta({ title }), { target: 'draft-2020-12' });
}

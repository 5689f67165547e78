import { z } from 'zod';
import { type Config, negotiateServices } from './model.ts';

/**
 * The resolved model as a schema: what `ipvsd config show --json` prints. Strict, so that a field
 * of the model that is missing here fails its test.
 */

const family = z.enum(['inet', 'inet6']);
const protocol = z.enum(['tcp', 'udp']);
const forward = z.enum(['gate', 'masq', 'ipip']);
const port = z.int().min(0).max(65_535);
const whole = z.int().min(0);
const milliseconds = z.int().min(1);

const endpoint = z.strictObject({ family, address: z.string(), port });

const from = z.string().describe('own address that the check goes out from').exactOptional();

const target = z.strictObject({ ...endpoint.shape, from }).meta({ id: 'target' });

const virtualId = z.union([
  z.strictObject({ family, protocol, address: z.string(), port }),
  z.strictObject({ family, fwmark: z.int().min(1).max(0xffff_ffff) }),
]);

const tlsSettings = z
  .strictObject({
    verify: z.enum(['none', 'ca', 'full']),
    sni: z.string().describe('empty: none'),
    caFile: z.string().exactOptional(),
    clientCert: z.string().exactOptional(),
    clientKey: z.string().exactOptional(),
    certWarnDays: whole.describe('0: no warning'),
  })
  .meta({ id: 'tlsSettings' });

const connectCheck = z
  .strictObject({
    type: z.literal('connect'),
    target,
    mysqlLogin: z.string().exactOptional(),
    timeoutMs: milliseconds,
  })
  .meta({ id: 'connectCheck' });

const negotiateCheck = z
  .strictObject({
    type: z.literal('negotiate'),
    service: z.enum(negotiateServices),
    protocol,
    target,
    request: z.string(),
    receive: z.string().describe('regular expression; empty: none'),
    httpMethod: z.enum(['GET', 'HEAD']),
    virtualhost: z.string(),
    login: z.string(),
    passwd: z.string(),
    database: z.string(),
    secret: z.string(),
    tls: tlsSettings.exactOptional(),
    timeoutMs: milliseconds,
  })
  .meta({ id: 'negotiateCheck' });

const check = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('on') }),
    z.strictObject({ type: z.literal('off') }),
    z.strictObject({
      type: z.literal('ping'),
      family,
      address: z.string(),
      from,
      attempts: z.int().min(1),
      timeoutMs: milliseconds,
    }),
    connectCheck,
    negotiateCheck,
    z.strictObject({
      type: z.literal('combined'),
      connects: z.int().min(1),
      connect: connectCheck,
      negotiate: negotiateCheck,
    }),
    z.strictObject({
      type: z.enum(['external', 'external-perl']),
      command: z.string(),
      args: z.tuple([z.string(), z.string(), z.string(), z.string()]),
      timeoutMs: milliseconds,
    }),
  ])
  .meta({ id: 'check' });

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
  emailAlertFrom: z.string().exactOptional(),
}) satisfies z.ZodType<Config>;

/** The JSON Schema of the resolved model, as published in config.schema.json. */
export function configJsonSchema(): object {
  const title = 'Resolved configuration of ipvsd';
  return z.toJSONSchema(configSchema.meta({ title }), { target: 'draft-2020-12' });
}

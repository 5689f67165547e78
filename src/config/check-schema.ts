import { z } from 'zod';
import { dnsQueryTypes } from './block-checks.ts';
import { negotiateServices } from './check-model.ts';

export const family = z.enum(['inet', 'inet6']);
const protocol = z.enum(['tcp', 'udp']);
export const transportProtocol = z.enum(['tcp', 'udp', 'sctp']);
export const port = z.int().min(0).max(65_535);
export const whole = z.int().min(0);
export const milliseconds = z.int().min(1);

export const endpoint = z.strictObject({ family, address: z.string(), port });

const from = z.string().describe('own address that the check goes out from').exactOptional();

const target = z.strictObject({ ...endpoint.shape, from }).meta({ id: 'target' });

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
    tls: tlsSettings.exactOptional(),
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

const httpUrl = z.strictObject({
  path: z.string(),
  host: z.string().describe("empty: the target's address and port"),
  statuses: z.array(z.tuple([z.int(), z.int()])).describe('closed ranges'),
  digest: z.strictObject({ algorithm: z.enum(['md5', 'sha256']), hex: z.string() }).exactOptional(),
  regex: z.string().describe('regular expression; empty: none'),
  regexNoMatch: z.boolean(),
});

const dialogueStep = z.union([
  z.strictObject({ send: z.string() }),
  z.strictObject({ expect: z.string() }),
]);

/** The checks of block-checks.ts. */
const blockChecks = [
  z.strictObject({
    type: z.literal('http-get'),
    target,
    protocol: z.enum(['1.0', '1.0C', '1.1']),
    urls: z.array(httpUrl),
    tls: tlsSettings.exactOptional(),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('smtp-hello'),
    target,
    heloName: z.string(),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('dns-query'),
    target,
    queryType: z.enum(dnsQueryTypes),
    name: z.string(),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('udp'),
    target,
    payload: z.string().describe('hex'),
    reply: z
      .strictObject({
        pattern: z.string().describe('hex, "x" for any digit; empty: any reply'),
        minLength: whole,
        maxLength: whole,
      })
      .exactOptional(),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('misc'),
    command: z.string(),
    dynamic: z.boolean(),
    user: z.string().exactOptional(),
    group: z.string().exactOptional(),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('file'),
    path: z.string(),
    weight: z.int(),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('dialogue'),
    transport: z.enum(['tcp', 'udp']),
    target,
    tls: tlsSettings.exactOptional(),
    steps: z.array(dialogueStep),
    timeoutMs: milliseconds,
  }),
  z.strictObject({
    type: z.literal('agent'),
    target,
    send: z.string(),
    timeoutMs: milliseconds,
  }),
] as const;

/** A check of the resolved model; strict, as schema.ts is. */
export const check = z
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
    ...blockChecks,
  ])
  .meta({ id: 'check' });

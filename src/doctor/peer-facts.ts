import { z } from 'zod';

const daemonSchema = z.object({
  role: z.enum(['master', 'backup']),
  interface: z.string(),
  syncId: z.number(),
  group: z.string().optional(),
  port: z.number().optional(),
});

const networkSchema = z.object({
  interfaces: z.array(
    z.object({
      addresses: z.array(z.object({ address: z.string() })),
    }),
  ),
});

/** Of the facts of another machine, what is compared. */
const schema = z.object({
  host: z.string(),
  ipvsd: z.string(),
  digest: z.string(),
  settings: z.record(z.string(), z.string()),
  network: z.union([z.object({ value: networkSchema }), z.object({ unknown: z.string() })]),
  ipvs: z.union([
    z.object({ value: z.object({ version: z.string(), daemons: z.array(daemonSchema) }) }),
    z.object({ unknown: z.string() }),
  ]),
});

export type PeerFacts = z.infer<typeof schema>;

/**
 * Reads what `ipvsd doctor CONFIG --facts` printed on another machine.
 *
 * @throws Error in one line when it is something else.
 */
export function parsePeerFacts(text: string): PeerFacts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('expected the JSON that "ipvsd doctor --facts" prints, got something else');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new Error(`expected what "ipvsd doctor --facts" prints: ${place}: ${issue?.message ?? ''}`);
}

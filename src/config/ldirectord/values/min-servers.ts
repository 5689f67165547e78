import { z } from 'zod';
import type { MinServers } from '../../model.ts';
import { schemaType, type ValueType } from './value-type.ts';

/** `2` servers, or `50%` of those in the section. */
export function minServers(): ValueType<MinServers> {
  const count = z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.number().min(1))
    .transform((value) => ({ count: value }));
  const percent = z
    .string()
    .regex(/^\d{1,3}%$/)
    .transform((text) => Number(text.slice(0, -1)))
    .pipe(z.number().min(1).max(100))
    .transform((value) => ({ percent: value }));
  return schemaType(z.union([count, percent]), 'a number of servers >= 1, or 1%..100%');
}

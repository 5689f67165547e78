import { readdirSync } from 'node:fs';

/** All processes that run now; proc(5). */
export function processNumbers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

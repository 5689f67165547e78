import { closeSync, openSync } from 'node:fs';
import { prepareChecks, runCheck } from '../../src/checks/registry.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import { checktype, config, real, virtual } from './builders.ts';
import { negotiateCheck } from './negotiate-check.ts';

/** A program: runs two checks while no file can be opened, and again when one can. */
const target = { family: 'inet', address: '127.0.0.1', port: 1 } as const;
const definitions: readonly CheckDefinition[] = [
  { type: 'connect', target, timeoutMs: 5000 },
  negotiateCheck(target, { service: 'imap', timeoutMs: 5000 }),
];
const { signal } = new AbortController();

async function report(when: string): Promise<void> {
  for (const definition of definitions) {
    const { reason } = await runCheck(definition, { signal });
    process.stdout.write(`${definition.type}, ${when}: ${reason}\n`);
  }
}

const reals = definitions.map((one) => real('127.0.0.1', { checks: [checktype(one)] }));
await prepareChecks(config(virtual({ reals })));
const files: number[] = [];
try {
  for (;;) files.push(openSync('/dev/null', 'r'));
} catch {
  await report('all are open');
}
for (const file of files) closeSync(file);
await report('later');

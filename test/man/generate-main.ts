import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withDirectives } from './directive-section.ts';

const page = fileURLToPath(new URL('../../../man/ipvsd.cf.5', import.meta.url));
writeFileSync(page, withDirectives(readFileSync(page, 'utf8')));

import { readFileSync } from 'node:fs';

/** The version of this package, from its package.json. */
export const version = readVersion(new URL('../../package.json', import.meta.url));

function readVersion(file: URL): string {
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof found === 'object' && found !== null && 'version' in found)
    return String(found.version);
  throw new Error(`${file.pathname}: expected a "version", found none`);
}

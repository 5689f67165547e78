import { createRequire } from 'node:module';

let known: string | undefined;

/** How HTTP checks introduce themselves: `ipvsd/VERSION`. */
export function userAgent(): string {
  known ??= `ipvsd/${packageVersion()}`;
  return known;
}

function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('ipvsd/package.json');
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}

import type { NegotiateService } from '../config/check-model.ts';

/** The npm packages that are installed only where somebody needs them, by the service that does. */
const packages: { readonly [S in NegotiateService]?: string } = {
  ldap: 'ldapts',
  ldaps: 'ldapts',
  mysql: 'mysql2',
  oracle: 'oracledb',
  pgsql: 'pg',
  radius: 'radius',
};

/**
 * The npm package that a service needs and that is not installed; undefined when nothing is missing.
 * Looked up anew at each call, so that it is found once it is there.
 */
export function missingPackage(service: NegotiateService): string | undefined {
  const name = packages[service];
  return name === undefined || isInstalled(name) ? undefined : name;
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fixtures = new URL('../../../fixtures/tls/', import.meta.url);

export interface Identity {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** The path of a file of fixtures/tls. */
export function tlsFixture(file: string): string {
  return fileURLToPath(new URL(file, fixtures));
}

/** Key and certificate of a server: of the authority that is trusted, or of nobody. */
export function identity(name: 'trusted' | 'self-signed'): Identity {
  return {
    key: readFileSync(tlsFixture(`${name}.key`)),
    cert: readFileSync(tlsFixture(`${name}.pem`)),
  };
}

/**
 * Makes the authority of fixtures/tls the only one that checks of this process trust. To be called
 * before the first check over TLS, which reads it once.
 */
export function trustTestAuthority(): void {
  Object.assign(process.env, { SSL_CERT_FILE: tlsFixture('ca.pem') });
}

import { statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsSettings } from '../config/check-target.ts';
import { readRegularFileSync } from '../config/regular-file.ts';
import { systemErrorText } from '../config/system-error.ts';
import { LocalTrouble } from './reason.ts';
import { systemAuthorities, systemTrust } from './system-roots.ts';

type Files = Pick<TlsSettings, 'caFile' | 'clientCert' | 'clientKey'>;

const contexts = new Map<string, SecureContext>();

/**
 * Authorities, certificate and key of a check. Files are read again when they change, so that a
 * renewed certificate needs no restart.
 *
 * @throws LocalTrouble when a file cannot be read or used: that says nothing about the server.
 */
export function trustOf({ caFile, clientCert, clientKey }: Files): SecureContext {
  const paths = [caFile, clientCert, clientKey].filter((path) => path !== undefined);
  if (paths.length === 0) return systemTrust();
  try {
    const key = JSON.stringify([caFile, clientCert, clientKey, ...paths.map(changedAt)]);
    const known = contexts.get(key) ?? createContext({ caFile, clientCert, clientKey });
    contexts.set(key, known);
    return known;
  } catch (error) {
    if (error instanceof LocalTrouble) throw error;
    const files = paths.map((path) => `"${path}"`).join(' with ');
    throw new LocalTrouble(`${files} cannot be used: ${systemErrorText(error)}`);
  }
}

function createContext(
  files: { readonly [K in keyof Files]-?: string | undefined },
): SecureContext {
  const read = (path: string | undefined) =>
    path === undefined ? undefined : orTrouble(path, readRegularFileSync);
  const [ca, cert, key] = [read(files.caFile), read(files.clientCert), read(files.clientKey)];
  // without own authorities the machine's count, beside the client's certificate
  return createSecureContext({ ca: ca ?? systemAuthorities(), cert, key });
}

function changedAt(path: string): number {
  return orTrouble(path, (file) => statSync(file).mtimeMs);
}

function orTrouble<T>(path: string, read: (path: string) => T): T {
  try {
    return read(path);
  } catch (error) {
    throw new LocalTrouble(`"${path}" cannot be read: ${systemErrorText(error)}`);
  }
}

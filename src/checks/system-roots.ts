import { createSecureContext, type SecureContext } from 'node:tls';
import { readRegularFileSync } from '../config/regular-file.ts';

/** Where distributions keep the bundle of the certificate authorities that they trust. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch
  '/etc/pki/tls/certs/ca-bundle.crt', // Fedora, RHEL
  '/etc/ssl/ca-bundle.pem', // SUSE
  '/etc/ssl/cert.pem', // Alpine
];

let shared: SecureContext | undefined;

/**
 * What TLS checks verify a server's chain against: the machine's own authorities, as OpenSSL
 * programs have them, not the list that is built into Node. SSL_CERT_FILE names another bundle
 * (OpenSSL manual, X509_get_default_cert_file_env). Read when first needed and kept until the
 * process ends. Without any bundle, Node's list is used.
 *
 * @throws Error when the file that SSL_CERT_FILE names cannot be read.
 */
export function systemTrust(): SecureContext {
  shared ??= createSecureContext({ ca: systemAuthorities() });
  return shared;
}

/**
 * The bundle itself, in PEM; undefined where there is none.
 *
 * @throws Error when the file that SSL_CERT_FILE names cannot be read.
 */
export function systemAuthorities(): Buffer | undefined {
  const { SSL_CERT_FILE } = process.env;
  if (SSL_CERT_FILE) return readRegularFileSync(SSL_CERT_FILE);
  for (const path of bundles) {
    const ca = readIfThere(path);
    if (ca !== undefined) return ca;
  }
  return undefined;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readRegularFileSync(path);
  } catch {
    return undefined;
  }
}

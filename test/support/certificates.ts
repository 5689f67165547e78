import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Authority {
  readonly caFile: string;
  /** Makes a certificate for a name. @param days how long it is valid; negative: it has expired. */
  issue(name: string, days?: number): Promise<Certificate>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes a certificate authority by openssl(1), with its files in a directory of its own. */
export async function makeAuthority(directory: string, name: string): Promise<Authority> {
  const folder = path.join(directory, name);
  mkdirSync(folder, { recursive: true });
  const at = (file: string): string => path.join(folder, file);
  const [caFile, caKey] = [at('ca.pem'), at('ca.key')];
  const subject = ['-subj', `/CN=${name}`];
  const files = ['-keyout', caKey, '-out', caFile];
  await execa('openssl', ['req', '-x509', ...newKey, ...subject, '-days', '30', ...files]);
  let issued = 0;
  return {
    caFile,
    async issue(host, days = 30) {
      issued += 1;
      const stem = at(`${issued}-${host}`);
      const certificate = { certificateFile: `${stem}.pem`, keyFile: `${stem}.key` };
      writeFileSync(`${stem}.ext`, `subjectAltName=DNS:${host}\n`);
      const request = ['-keyout', certificate.keyFile, '-out', `${stem}.csr`];
      await execa('openssl', ['req', ...newKey, '-subj', `/CN=${host}`, ...request]);
      await execa('openssl', [
        ...['x509', '-req', '-in', `${stem}.csr`, '-CA', caFile, '-CAkey', caKey],
        ...['-set_serial', String(issued), '-days', String(days)],
        ...['-extfile', `${stem}.ext`, '-out', certificate.certificateFile],
      ]);
      return certificate;
    },
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { tlsFixture } from '../tls-identity.ts';
import { type RealServer, startRealServer } from './real-server.ts';

/** At 127.0.0.1 and ::1. Its certificate is self-signed. */
export const slapdPorts = { ldap: 389, ldaps: 636 } as const;

/** The one user who may see `hiddenDn`. */
export const slapdUser = { login: 'cn=monitor,dc=example,dc=com', passwd: 'secret' } as const;

export const baseDn = 'dc=example,dc=com';
export const hiddenDn = 'ou=hidden,dc=example,dc=com';

/** Debian has its schemas there. */
const schemas = '/etc/ldap/schema';

export interface SlapdTls {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Clients must show a certificate of this authority. */
  readonly clientCaFile?: string;
}

const selfSigned: SlapdTls = {
  certificateFile: tlsFixture('self-signed.pem'),
  keyFile: tlsFixture('self-signed.key'),
};

/** Starts slapd with a small directory of its own, below the given one. */
export async function startSlapd(
  directory: string,
  tls: SlapdTls = selfSigned,
): Promise<RealServer> {
  const data = path.join(directory, 'data');
  mkdirSync(data, { recursive: true });
  const config = path.join(directory, 'slapd.conf');
  const entries = path.join(directory, 'entries.ldif');
  writeFileSync(config, slapdConfig(directory, data, tls));
  writeFileSync(entries, entriesLdif);
  await execa('slapadd', ['-q', '-f', config, '-l', entries]);
  const { ldap, ldaps } = slapdPorts;
  const urls = ['127.0.0.1', '[::1]'].flatMap((host) => [
    `ldap://${host}:${ldap}/`,
    `ldaps://${host}:${ldaps}/`,
  ]);
  return startRealServer({
    argv: ['slapd', '-d', '0', '-f', config, '-h', urls.join(' ')],
    ports: ['127.0.0.1', '::1'].flatMap((address) => [
      { address, port: ldap },
      { address, port: ldaps },
    ]),
  });
}

function slapdConfig(directory: string, data: string, tls: SlapdTls): string {
  const { certificateFile, keyFile, clientCaFile } = tls;
  const client =
    clientCaFile === undefined
      ? ''
      : `TLSCACertificateFile ${clientCaFile}\nTLSVerifyClient demand`;
  return `
include ${schemas}/core.schema
pidfile ${directory}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
threads 2
TLSCertificateFile ${certificateFile}
TLSCertificateKeyFile ${keyFile}
${client}
database mdb
suffix "${baseDn}"
directory ${data}
maxsize 10485760
dbnosync
access to dn.base="${hiddenDn}" by dn.exact="${slapdUser.login}" read by * none
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`;
}

const entriesLdif = `dn: ${baseDn}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ${slapdUser.login}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: monitor
userPassword: ${slapdUser.passwd}

dn: ${hiddenDn}
objectClass: organizationalUnit
ou: hidden
`;

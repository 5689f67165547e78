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

/** Starts slapd with a small directory of its own, below the given one. */
export async function startSlapd(directory: string): Promise<RealServer> {
  const data = path.join(directory, 'data');
  mkdirSync(data, { recursive: true });
  const config = path.join(directory, 'slapd.conf');
  const entries = path.join(directory, 'entries.ldif');
  writeFileSync(config, slapdConfig(directory, data));
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

function slapdConfig(directory: string, data: string): string {
  return `
include ${schemas}/core.schema
pidfile ${directory}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
threads 2
TLSCertificateFile ${tlsFixture('self-signed.pem')}
TLSCertificateKeyFile ${tlsFixture('self-signed.key')}
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

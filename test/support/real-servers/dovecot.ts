import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { tlsFixture } from '../tls-identity.ts';
import { type RealServer, startRealServer } from './real-server.ts';

/** At 127.0.0.1 and ::1; not the well-known ports, so that nothing else can be meant. */
export const dovecotPorts = { imap: 10143, imaps: 10993, pop: 10110, pops: 10995 } as const;

/** Where its certificate is self-signed; that of the other addresses is one of the test authority. */
export const selfSignedAddress = '127.0.0.2';

/** The password of each user: the first is kept as text, the others as what the name says. */
export const dovecotUsers = {
  joe: 'joe"s\\ secret',
  cram: 'tanstaaf',
  crypt: 'Gänsefüßchen',
} as const;

export interface Dovecot extends RealServer {
  /** What it has logged so far. */
  log(): string;
}

const mailUser = { uid: 8, gid: 8 };

/** Starts dovecot for IMAP and POP3, with passwords and mailboxes in a directory that everybody may enter. */
export async function startDovecot(directory: string): Promise<Dovecot> {
  const mail = path.join(directory, 'mail');
  mkdirSync(mail, { recursive: true });
  chownSync(mail, mailUser.uid, mailUser.gid);
  const logPath = path.join(directory, 'dovecot.log');
  const config = path.join(directory, 'dovecot.conf');
  const passwords = path.join(directory, 'passwd');
  writeFileSync(config, dovecotConfig(directory, logPath, passwords));
  const hash = async (scheme: string, password: string): Promise<string> =>
    (await execa('doveadm', ['-c', config, 'pw', '-s', scheme, '-p', password])).stdout;
  const { joe, cram, crypt } = dovecotUsers;
  writeFileSync(
    passwords,
    [
      `joe:{PLAIN}${joe}::::::`,
      `cram:${await hash('CRAM-MD5', cram)}::::::`,
      `crypt:${await hash('SHA256-CRYPT', crypt)}::::::`,
      '',
    ].join('\n'),
  );
  const server = await startRealServer({
    argv: ['dovecot', '-F', '-c', config],
    ports: Object.values(dovecotPorts).map((port) => ({ address: '::1', port })),
  });
  return { ...server, log: () => readFileSync(logPath, 'utf8') };
}

function dovecotConfig(directory: string, logPath: string, passwords: string): string {
  const { imap, imaps, pop, pops } = dovecotPorts;
  return `
base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${logPath}
protocols = imap pop3
listen = 127.0.0.1, ${selfSignedAddress}, ::1
mail_location = maildir:${directory}/mail/%u
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = plain cram-md5 apop
# No waiting after logins that failed, of which there are many here.
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = passwd-file
  args = username_format=%u ${passwords}
}
userdb {
  driver = static
  args = uid=${mailUser.uid} gid=${mailUser.gid} home=${directory}/mail/%u
}
ssl = yes
ssl_cert = <${tlsFixture('trusted.pem')}
ssl_key = <${tlsFixture('trusted.key')}
local ${selfSignedAddress} {
  ssl_cert = <${tlsFixture('self-signed.pem')}
  ssl_key = <${tlsFixture('self-signed.key')}
}
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop}
  }
  inet_listener pop3s {
    port = ${pops}
    ssl = yes
  }
}
`;
}

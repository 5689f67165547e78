import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RealServer, startRealServer } from './real-server.ts';

export interface VsftpdOptions {
  readonly port: number;
  /** Commands that it says it does not have. */
  readonly denied?: readonly string[];
}

/** The one file that it has for anonymous users, and what is in it. */
export const ftpFile = { name: '/pub/check.txt', text: 'Test Page\n' } as const;

/**
 * Starts vsftpd at all addresses, for anonymous and for local users, of whom PAM lets nobody in. The
 * directory must be one that everybody may enter.
 */
export function startVsftpd(
  directory: string,
  { port, denied = [] }: VsftpdOptions,
): Promise<RealServer> {
  const root = path.join(directory, 'ftp');
  const empty = path.join(directory, 'empty');
  for (const each of [path.join(root, 'pub'), empty]) mkdirSync(each, { recursive: true });
  writeFileSync(path.join(root, ftpFile.name), ftpFile.text);
  // In a copy of /etc that is thrown away with the namespaces of the test.
  const pam = ['auth', 'account', 'session'].map((type) => `${type} required pam_deny.so\n`);
  writeFileSync('/etc/pam.d/ipvsd-test-ftp', pam.join(''));
  const config = path.join(directory, 'vsftpd.conf');
  writeFileSync(
    config,
    `
listen=NO
listen_ipv6=YES
listen_port=${port}
background=NO
anonymous_enable=YES
anon_root=${root}
local_enable=YES
pam_service_name=ipvsd-test-ftp
delay_failed_login=0
secure_chroot_dir=${empty}
seccomp_sandbox=NO
connect_from_port_20=NO
xferlog_enable=NO
${denied.length > 0 ? `cmds_denied=${denied.join(',')}` : ''}
`,
  );
  return startRealServer({
    argv: ['vsftpd', config],
    ports: [
      { address: '127.0.0.1', port },
      { address: '::1', port },
    ],
  });
}

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RealServer, startRealServer } from './real-server.ts';

/** What exim does on each of the ports that it listens on, at 127.0.0.1 and ::1. */
export const eximPorts = { smtp: 25, submission: 587, refuses: 2525, refusesHello: 2526 } as const;

/** Starts exim with a configuration of its own, in a directory that everybody may enter. */
export function startExim(directory: string): Promise<RealServer> {
  const spool = path.join(directory, 'spool');
  const logs = path.join(directory, 'log');
  for (const each of [spool, logs]) {
    mkdirSync(each, { recursive: true });
    // It writes there under its own name.
    chmodSync(each, 0o777);
  }
  const config = path.join(directory, 'exim.conf');
  const { smtp, refuses, refusesHello } = eximPorts;
  writeFileSync(
    config,
    `
primary_hostname = mail.example.com
spool_directory = ${spool}
log_file_path = ${logs}/%s
pid_file_path = ${directory}/exim.pid
local_interfaces = <; 127.0.0.1 ; ::1
daemon_smtp_ports = ${Object.values(eximPorts).join(' : ')}
tls_advertise_hosts =
host_lookup =
keep_environment =
rfc1413_query_timeout = 0s
acl_smtp_connect = connect
acl_smtp_helo = hello
begin acl
connect:
  deny condition = \${if eq{$received_port}{${refuses}}}
       message = no service here
  accept
hello:
  deny condition = \${if eq{$received_port}{${refusesHello}}}
       message = not for you
  accept
begin routers
begin transports
`,
  );
  return startRealServer({
    argv: ['exim4', '-C', config, '-bdf'],
    ports: [
      { address: '127.0.0.1', port: smtp },
      { address: '::1', port: refusesHello },
    ],
  });
}

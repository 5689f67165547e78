import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RealServer, startRealServer } from './real-server.ts';

/** Over UDP, at 127.0.0.1 and ::1. */
export const radiusPort = 1812;

export const radiusSecret = 'testing123';

export const radiusUser = { login: 'check', passwd: 'a password of more than 16 bytes' } as const;

/** Starts freeradius with the smallest configuration that knows one user. */
export async function startFreeradius(directory: string): Promise<RealServer> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'radiusd.conf'), radiusConfig(directory));
  writeFileSync(
    path.join(directory, 'users'),
    `${radiusUser.login} Cleartext-Password := "${radiusUser.passwd}"\n`,
  );
  const server = await startRealServer({
    argv: ['freeradius', '-f', '-l', 'stdout', '-xx', '-d', directory],
    ports: [],
  });
  // Nobody can be seen to listen on UDP; it says so itself.
  const deadline = performance.now() + 20_000;
  while (!server.output().includes('Ready to process requests')) {
    if (performance.now() > deadline) throw new Error(`freeradius: ${server.output()}`);
    await sleep(50);
  }
  return server;
}

function radiusConfig(directory: string): string {
  const client = (name: string, address: string): string => `
client ${name} {
  ${address}
  secret = ${radiusSecret}
  require_message_authenticator = yes
}`;
  const listen = (address: string): string => `
  listen {
    type = auth
    ${address}
    port = ${radiusPort}
  }`;
  return `
prefix = /usr
libdir = /usr/lib/freeradius
logdir = ${directory}
run_dir = ${directory}
pidfile = ${directory}/freeradius.pid
max_requests = 256
security {
  reject_delay = 0
  status_server = no
}
modules {
  files {
    filename = ${directory}/users
  }
  pap {
  }
}
${client('four', 'ipaddr = 127.0.0.1')}
${client('six', 'ipv6addr = ::1')}
server default {
${listen('ipaddr = 127.0.0.1')}
${listen('ipv6addr = ::1')}
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
`;
}

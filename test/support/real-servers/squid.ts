import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RealServer, startRealServer } from './real-server.ts';

export const squidPort = 3128;

/** It fetches from this machine and from nowhere else. */
export const deniedUrl = 'http://198.51.100.1/';

/** Starts squid at all addresses, without a cache. */
export function startSquid(directory: string): Promise<RealServer> {
  mkdirSync(directory, { recursive: true });
  // It gives up being root.
  chmodSync(directory, 0o777);
  const config = path.join(directory, 'squid.conf');
  writeFileSync(
    config,
    `
http_port ${squidPort}
visible_hostname proxy.ipvsd.internal
acl here dst 127.0.0.0/8 ::1
http_access allow here
http_access deny all
cache deny all
cache_mem 8 MB
max_filedescriptors 1024
pinger_enable off
netdb_filename none
access_log none
cache_log stdio:/dev/null
cache_store_log none
coredump_dir ${directory}
pid_filename ${directory}/squid.pid
shutdown_lifetime 0 seconds
`,
  );
  return startRealServer({
    argv: ['squid', '-N', '-f', config],
    ports: ['127.0.0.1', '::1'].map((address) => ({ address, port: squidPort })),
  });
}

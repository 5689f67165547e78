import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Host } from './topology/host.ts';
import type { HostProcess } from './topology/host-process.ts';

/** Starts Debian's own keepalived on a file in a host, for IPVS only: what ipvsd is compared with. */
export async function startKeepalived(
  host: Host,
  directory: string,
  text: string,
): Promise<HostProcess> {
  mkdirSync(directory, { recursive: true });
  const file = (name: string): string => path.join(directory, name);
  writeFileSync(file('keepalived.conf'), text);
  const pidFiles = ['--pid', file('main.pid'), '--checkers_pid', file('checkers.pid')];
  const how = ['--dont-fork', '--log-console', '--log-detail', '--check'];
  const daemon = host.spawn([
    'keepalived',
    ...how,
    ...pidFiles,
    '--use-file',
    file('keepalived.conf'),
  ]);
  await daemon.waitForOutput(/Gained quorum/, 30_000);
  return daemon;
}

import { appendFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type RealServer, startRealServer } from './real-server.ts';

export interface Leafnode extends RealServer {
  /** Takes its file of settings away or puts it there; without it, it refuses service. */
  configure(isThere: boolean): void;
}

/** The one place where it looks; in a copy of /etc that is thrown away with the namespaces. */
const config = '/etc/news/leafnode/config';

/** Starts the news server leafnode at port 119 of all addresses, by socat, as inetd would. */
export async function startLeafnode(): Promise<Leafnode> {
  // It insists on a name with a domain, and takes none that is reserved for examples.
  appendFileSync('/etc/hosts', `127.0.1.1 news.ipvsd.internal ${hostname()}\n`);
  const configure = (isThere: boolean): void =>
    writeFileSync(config, isThere ? 'server = news.example.com\nexpire = 20\n' : '');
  configure(true);
  const server = await startRealServer({
    argv: ['socat', 'TCP6-LISTEN:119,ipv6only=0,reuseaddr,fork', 'EXEC:leafnode,nofork'],
    ports: [
      { address: '127.0.0.1', port: 119 },
      { address: '::1', port: 119 },
    ],
  });
  return { ...server, configure };
}

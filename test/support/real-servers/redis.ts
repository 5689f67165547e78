import { type RealServer, startRealServer } from './real-server.ts';

/** At 127.0.0.1. */
export const redisPort = 6379;

/** Starts Redis, which keeps nothing on disk. */
export function startRedis(directory: string): Promise<RealServer> {
  return startRealServer({
    argv: [
      ...['redis-server', '--port', String(redisPort), '--bind', '127.0.0.1'],
      ...['--dir', directory, '--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    ],
    ports: [{ address: '127.0.0.1', port: redisPort }],
  });
}

import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Snapshot } from '../status/snapshot.ts';

/** The socket on which a daemon answers its commands. */
export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Listens on a unix socket, readable by owner and group (mode 0660). A socket that a dead daemon
 * left is replaced; the caller has made sure (pid file) that no living one owns it.
 *
 * @param path where; its folder is made when missing.
 * @param snapshot asked anew for every `GET /v1/status`.
 * @throws when the socket cannot be made.
 */
export async function listenForControl(
  path: string,
  snapshot: () => Promise<Snapshot>,
): Promise<ControlServer> {
  // loaded here: only the daemon needs it, and it is the slowest import of all
  const { fastify } = await import('fastify');
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/v1/status', () => snapshot());

  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(path, { force: true });
  await server.listen({ path });
  chmodSync(path, 0o660);
  return {
    // node removes the socket's file when the server closes
    close: async () => {
      await server.close();
    },
  };
}

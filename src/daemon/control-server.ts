import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Role, roles } from '../config/role.ts';
import { systemErrorText } from '../config/system-error.ts';
import type { DaemonHead, RoleAnswer, Snapshot } from '../status/snapshot.ts';
import { StartError } from './start-error.ts';

/** Who holds connections without a word must not keep others from asking. */
export interface ControlLimits {
  /** At a time; what comes then is closed at once. */
  readonly connections: number;
  /** A connection on which nothing is asked for so long is closed. */
  readonly idleMs: number;
}

const usualLimits: ControlLimits = { connections: 64, idleMs: 10_000 };

/** What a daemon does when it is asked. */
export interface ControlAnswers {
  /** To `GET /v1/daemon`, which needs no work; asked anew for every request, as all of them. */
  readonly head: () => DaemonHead;
  /** To `GET /v1/fresh`, which needs no work either: why its main loop does not go round. */
  readonly stuck: () => string | undefined;
  /** To `GET /v1/status`. */
  readonly snapshot: () => Promise<Snapshot>;
  /** To `PUT /v1/role/active` and `/v1/role/standby`. */
  readonly setRole: (role: Role) => Promise<RoleAnswer>;
}

/** The socket on which a daemon answers its commands. */
export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Listens on a unix socket, readable by owner and group (mode 0660). A socket that a dead daemon
 * left is replaced; the caller has made sure (pid file) that no living one owns it.
 *
 * @param path where; its folder is made when missing.
 * @throws StartError when the socket cannot be made.
 */
export async function listenForControl(
  path: string,
  answers: ControlAnswers,
  limits = usualLimits,
): Promise<ControlServer> {
  // loaded here: only the daemon needs it, and it is the slowest import of all
  const { fastify } = await import('fastify');
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    connectionTimeout: limits.idleMs,
  });
  server.server.maxConnections = limits.connections;
  // who has asked is waiting for us, and closes when that takes too long
  server.addHook('preHandler', async ({ raw }) => void raw.socket.setTimeout(0));
  server.get('/v1/daemon', async () => answers.head());
  server.get('/v1/fresh', async (_request, reply) => {
    const reason = answers.stuck();
    return reason === undefined ? { fresh: true } : reply.code(503).send({ fresh: false, reason });
  });
  server.get('/v1/status', () => answers.snapshot());
  for (const role of roles) server.put(`/v1/role/${role}`, () => answers.setRole(role));
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    rmSync(path, { force: true });
    await server.listen({ path });
    chmodSync(path, 0o660);
  } catch (error) {
    throw new StartError(`cannot make control socket ${path}: ${systemErrorText(error)}`);
  }
  return {
    // node removes the socket's file when the server closes
    close: async () => {
      await server.close();
    },
  };
}

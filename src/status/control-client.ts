import { request } from 'node:http';
import { isRole, type Role } from '../config/role.ts';
import type { DaemonHead, DaemonSelf, RoleAnswer, Snapshot } from './snapshot.ts';

const timeoutMs = 5000;
/** A reload under way and the first answers of checks come before the answer. */
const roleTimeoutMs = 30_000;

/** Nobody answers on the control socket, or not sensibly. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/**
 * Whether an error of these calls says that nobody listens, as after a daemon that died. All others
 * are of one that is there: silence most of all.
 */
export function isNobody(error: unknown): boolean {
  return error instanceof ControlError && /ECONNREFUSED|ENOENT/.test(error.message);
}

/**
 * Asks a daemon for its snapshot.
 *
 * @param socketPath the daemon's control socket.
 * @throws ControlError when nobody answers within five seconds, or the answer is no snapshot.
 */
export async function fetchSnapshot(socketPath: string): Promise<Snapshot> {
  const answer = await getJson(socketPath, '/v1/status');
  if (!isSnapshot(answer)) throw new ControlError(`${socketPath}: the answer is no status`);
  return answer;
}

/**
 * Asks a daemon which one it is. It answers at once, however large its table is.
 *
 * @throws ControlError as `fetchSnapshot`.
 */
export async function fetchHead(socketPath: string): Promise<DaemonHead> {
  const answer = await getJson(socketPath, '/v1/daemon');
  if (!isHead(answer)) throw new ControlError(`${socketPath}: the answer names no daemon`);
  return answer;
}

/**
 * Asks a daemon how it is. It answers as soon as to `fetchHead`.
 *
 * @throws ControlError as `fetchSnapshot`.
 */
export async function fetchSelf(socketPath: string): Promise<DaemonSelf> {
  const answer = await getJson(socketPath, '/v1/daemon');
  if (!isSelf(answer)) throw new ControlError(`${socketPath}: the answer is not how it is`);
  return answer;
}

/**
 * Gives a daemon a role.
 *
 * @returns when its table is as that role wants it.
 * @throws ControlError as `fetchSnapshot`, within thirty seconds.
 */
export async function putRole(socketPath: string, role: Role): Promise<RoleAnswer> {
  const path = `/v1/role/${role}`;
  const answer = await callJson({ socketPath, path, method: 'PUT', timeout: roleTimeoutMs });
  if (!isRoleAnswer(answer)) throw new ControlError(`${socketPath}: the answer names no role`);
  return answer;
}

function getJson(socketPath: string, path: string): Promise<unknown> {
  return callJson({ socketPath, path, method: 'GET', timeout: timeoutMs });
}

interface Call {
  readonly socketPath: string;
  readonly path: string;
  readonly method: 'GET' | 'PUT';
  /** Milliseconds. */
  readonly timeout: number;
}

async function callJson(call: Call): Promise<unknown> {
  const { socketPath } = call;
  const body = await answerTo(call);
  try {
    return JSON.parse(body);
  } catch {
    throw new ControlError(`${socketPath}: the answer is no JSON`);
  }
}

function answerTo(wanted: Call): Promise<string> {
  const { socketPath, timeout } = wanted;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new ControlError(`${socketPath}: ${error.message}`));
    const call = request(wanted, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else fail(new Error(`status ${response.statusCode}: ${text}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeout} ms`)));
    call.on('error', fail);
    call.end();
  });
}

function isSnapshot(value: unknown): value is Snapshot {
  return isHead(value) && 'virtuals' in value && Array.isArray(value.virtuals);
}

function isHead(value: unknown): value is DaemonHead {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'config' in value &&
    typeof value.config === 'string' &&
    'state' in value &&
    typeof value.state === 'string'
  );
}

function isSelf(value: unknown): value is DaemonSelf {
  return (
    isHead(value) &&
    'verifyIntervalMs' in value &&
    typeof value.verifyIntervalMs === 'number' &&
    'virtualCount' in value &&
    typeof value.virtualCount === 'number'
  );
}

function isRoleAnswer(value: unknown): value is RoleAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'role' in value &&
    isRole(value.role) &&
    'problems' in value &&
    Array.isArray(value.problems)
  );
}

import { request } from 'node:http';
import type { Snapshot } from './snapshot.ts';

/** Nobody answers on the control socket, or not sensibly. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/**
 * Asks a daemon for its snapshot.
 *
 * @param socketPath the daemon's control socket.
 * @throws ControlError when nobody answers within `timeoutMs`, or the answer is no snapshot.
 */
export async function fetchSnapshot(socketPath: string, timeoutMs = 5000): Promise<Snapshot> {
  const body = await get(socketPath, '/v1/status', timeoutMs);
  const answer: unknown = JSON.parse(body);
  if (!isSnapshot(answer)) throw new ControlError(`${socketPath}: the answer is no status`);
  return answer;
}

function get(socketPath: string, path: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new ControlError(`${socketPath}: ${error.message}`));
    const call = request({ socketPath, path, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else fail(new Error(`status ${response.statusCode}: ${text}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', fail);
    call.end();
  });
}

function isSnapshot(value: unknown): value is Snapshot {
  return (
    typeof value === 'object' &&
    value !== null &&
    'virtuals' in value &&
    Array.isArray(value.virtuals) &&
    'pid' in value &&
    typeof value.pid === 'number'
  );
}

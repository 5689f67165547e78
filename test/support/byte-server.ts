import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { startTcpServer, type TestServer } from './tcp-server.ts';

/** What a server of a binary protocol says: each entry to one connection chunk after the other. */
export interface Script {
  /** Sent at once to whoever connects; "close" ends the connection. */
  readonly greeting?: Buffer | 'close';
  /** What is said to the first chunk, the second and so on; "close" ends the connection. */
  readonly answers?: readonly (Buffer | 'close' | ((chunk: Buffer) => Buffer))[];
}

/** A server on loopback that goes by a script and then is silent. */
export function startScripted(
  t: TestContext,
  { greeting, answers = [] }: Script,
  address = '127.0.0.1',
): Promise<TestServer> {
  return startTcpServer(
    t,
    (socket: Socket) => {
      const say = (words: Buffer | 'close' | undefined): void => {
        if (words === 'close') socket.end();
        else if (words !== undefined) socket.write(words);
      };
      let next = 0;
      socket.on('data', (chunk: Buffer) => {
        const answer = answers[next++];
        say(typeof answer === 'function' ? answer(chunk) : answer);
      });
      say(greeting);
    },
    address,
  );
}

/** Bytes that are the same at every run, and mean nothing in any protocol. */
export function garbage(length: number, seed: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Array.from({ length }, () => {
      // Numerical Recipes' linear congruential generator.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

import { createHash } from 'node:crypto';
import type { BodyDigest } from '../../config/block-checks.ts';
import type { AnswerSink } from './answer-reader.ts';
import { type Answer, type Fetch, fetchAnswer } from './fetch.ts';

/** What is to become of a body. */
export interface PageWish {
  /** Absent: no digest. */
  readonly algorithm?: BodyDigest['algorithm'] | undefined;
  /** Bytes from its beginning to keep. */
  readonly keep: number;
}

export interface Page extends Answer {
  /** Lower-case hex, of the whole body; "" when none was asked for. */
  readonly digest: string;
  readonly body: Buffer;
}

/**
 * Fetches a page and computes the digest of its body as it comes: the very bytes that keepalived
 * hashes, framing of chunks and codings such as gzip included, whatever the status.
 *
 * @param watch sees everything as well.
 * @throws as fetchAnswer.
 */
export async function fetchPage(
  fetch: Fetch,
  { algorithm, keep }: PageWish,
  watch?: AnswerSink,
): Promise<Page> {
  const hash = algorithm === undefined ? undefined : createHash(algorithm);
  const kept = keeper(keep);
  const answer = await fetchAnswer(fetch, {
    headerRead: () => watch?.headerRead?.(),
    header: (bytes, bodyFollows) => watch?.header?.(bytes, bodyFollows),
    body: (bytes) => {
      hash?.update(bytes);
      watch?.body(bytes);
      kept.take(bytes);
    },
    room: () => watch?.room?.(),
  });
  return { ...answer, digest: hash?.digest('hex') ?? '', body: kept.all() };
}

/** Keeps the beginning of what comes, in one piece: a server may send it byte by byte. */
function keeper(most: number): { take(bytes: Buffer): void; all(): Buffer } {
  let buffer = Buffer.alloc(0);
  let length = 0;
  return {
    take: (bytes) => {
      const part = bytes.subarray(0, most - length);
      if (length + part.length > buffer.length) {
        const size = Math.min(most, Math.max(length + part.length, 2 * buffer.length));
        buffer = Buffer.concat([buffer.subarray(0, length)], size);
      }
      part.copy(buffer, length);
      length += part.length;
    },
    all: () => buffer.subarray(0, length),
  };
}

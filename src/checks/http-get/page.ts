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
  const kept: Buffer[] = [];
  let keptLength = 0;
  const answer = await fetchAnswer(fetch, {
    headerRead: () => watch?.headerRead?.(),
    header: (bytes, bodyFollows) => watch?.header?.(bytes, bodyFollows),
    body: (bytes) => {
      hash?.update(bytes);
      watch?.body(bytes);
      const part = Buffer.from(bytes.subarray(0, keep - keptLength));
      if (part.length === 0) return;
      kept.push(part);
      keptLength += part.length;
    },
  });
  return { ...answer, digest: hash?.digest('hex') ?? '', body: Buffer.concat(kept) };
}

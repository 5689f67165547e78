import type { Range } from './byte-diff.ts';

/** Text that means itself in a regular expression, and in quotes in a file. */
const plainText = /[A-Za-z0-9 <>/=_:;,!@%&~-]+/g;

/** A title says best which page it is, then comes a heading. */
const telling = /<(title|h1)>([A-Za-z0-9 /=_:;,!@%&~-]{3,})<\/\1>/gi;

const shortest = 4;
const longest = 60;

/**
 * A text of a page that is worth looking for: one that does not lie in the parts that change.
 *
 * @param changing in order.
 * @returns undefined when there is none of 4 characters.
 */
export function constantText(body: Buffer, changing: readonly Range[]): string | undefined {
  const stretches = [...changing, { start: body.length, end: body.length }].map(({ start }, i) =>
    body.toString('latin1', changing[i - 1]?.end ?? 0, start),
  );
  for (const stretch of stretches) {
    const [found] = stretch.matchAll(telling);
    const title = found?.[2]?.trim() ?? '';
    if (title.length >= shortest) return cut(title);
  }
  const texts = stretches
    .flatMap((stretch) => stretch.match(plainText) ?? [])
    .map((text) => cut(text.trim()))
    .filter((text) => text.length >= shortest && /[A-Za-z]{3}/.test(text));
  return texts.toSorted((a, b) => weight(b) - weight(a))[0];
}

/** Letters count, not blanks and signs. */
function weight(text: string): number {
  return text.replace(/[^A-Za-z]/g, '').length;
}

/** Not in the middle of a word, where that can be. */
function cut(text: string): string {
  if (text.length <= longest) return text;
  const part = text.slice(0, longest);
  const blank = part.lastIndexOf(' ');
  return (blank >= shortest ? part.slice(0, blank) : part).trim();
}

import { type Chain, numberOf, timerOf } from './inherit.ts';
import type { Item } from './items.ts';
import { secondsText } from './values.ts';

/** How often a server is checked, and how soon a failure counts. Times in microseconds. */
export interface Rhythm {
  readonly delayLoopUs: number;
  /** Further failures that are tolerated. */
  readonly retry: number;
  readonly delayBeforeRetryUs: number;
}

const second = 1_000_000;
const defaultDelayLoopUs = 60 * second;

/** Built into the types of checks that differ from the others. */
const builtIn: Readonly<Record<string, Partial<Rhythm>>> = {
  HTTP_GET: { delayBeforeRetryUs: 3 * second },
  SSL_GET: { delayBeforeRetryUs: 3 * second },
  DNS_CHECK: { retry: 3 },
  MISC_CHECK: { retry: 0 },
};

/**
 * The rhythm of one check.
 *
 * @param type - its block's keyword.
 * @param chain - check, real server, virtual server.
 */
export function rhythmOf(type: string, chain: Chain): Rhythm {
  const delayLoopUs = timerOf(chain, 'delay_loop') ?? defaultDelayLoopUs;
  const own = builtIn[type] ?? {};
  // the file tells of every change at once
  const isTold = type === 'FILE_CHECK';
  const delayUs = type === 'DNS_CHECK' ? delayLoopUs : (own.delayBeforeRetryUs ?? second);
  return {
    delayLoopUs,
    retry: isTold ? 0 : (numberOf(chain, ...retryNames(type)) ?? own.retry ?? 1),
    delayBeforeRetryUs: timerOf(chain, 'delay_before_retry') ?? delayUs,
  };
}

/** The old spelling is one of HTTP checks alone; in others keepalived ignores it. */
function retryNames(type: string): readonly string[] {
  return type === 'HTTP_GET' || type === 'SSL_GET' ? ['retry', 'nb_get_retry'] : ['retry'];
}

/** What the section is to say, so that most of its checks need not: the most frequent values. */
export function sectionRhythm(rhythms: readonly Rhythm[], virtual: Chain): Rhythm {
  const all = rhythms.length > 0 ? rhythms : [rhythmOf('TCP_CHECK', virtual)];
  const delayLoopUs = mostFrequent(all.map((rhythm) => rhythm.delayLoopUs));
  return {
    delayLoopUs: wholeSeconds(delayLoopUs),
    retry: mostFrequent(all.map(({ retry }) => retry)),
    delayBeforeRetryUs: wholeSeconds(mostFrequent(all.map((one) => one.delayBeforeRetryUs))),
  };
}

/** The directives of a section. */
export function sectionRhythmItems(rhythm: Rhythm): readonly Item[] {
  return [
    { name: 'checkinterval', value: secondsText(rhythm.delayLoopUs) },
    { name: 'fastinterval', value: secondsText(rhythm.delayBeforeRetryUs) },
    { name: 'failurecount', value: String(rhythm.retry + 1) },
  ];
}

/** What a check must say for itself, as it differs from its section. */
export function ownRhythmItems(own: Rhythm, section: Rhythm): readonly Item[] {
  const items: Item[] = [];
  if (own.delayLoopUs !== section.delayLoopUs) {
    items.push({ name: 'interval', value: secondsText(own.delayLoopUs) });
  }
  if (own.retry !== section.retry) items.push({ name: 'retry', value: String(own.retry) });
  if (own.delayBeforeRetryUs !== section.delayBeforeRetryUs) {
    items.push({ name: 'retrydelay', value: secondsText(own.delayBeforeRetryUs) });
  }
  return items;
}

/** Directives of sections take whole seconds, and at least one. */
function wholeSeconds(microseconds: number): number {
  return Math.max(1, Math.ceil(microseconds / second)) * second;
}

/** Of several that are equally frequent, the first. */
function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return values.find((value) => counts.get(value) === most) ?? 0;
}

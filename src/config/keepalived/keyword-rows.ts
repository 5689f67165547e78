import type { Keyword, Parameters } from './keyword.ts';

/** Short forms for the rows of the keyword tables. */

export function converted(name: string, parameters: Parameters, opens?: Keyword['opens']): Keyword {
  return { name, parameters, fate: 'converted', ...(opens !== undefined && { opens }) };
}

/** An old spelling of a keyword that is converted. */
export function oldSpelling(name: string, oldSpellingOf: string, parameters: Parameters): Keyword {
  return { name, parameters, fate: 'converted', oldSpellingOf };
}

export function lost(name: string, parameters: Parameters, says: string): Keyword {
  return { name, parameters, fate: 'lost', says };
}

export function hand(name: string, parameters: Parameters, says: string): Keyword {
  return { name, parameters, fate: 'hand', says };
}

export function noMeaning(name: string, parameters: Parameters, says: string): Keyword {
  return { name, parameters, fate: 'no-meaning', says };
}

/** Blocks are not looked into, unless they are none. */
export function stays(name: string, parameters: Parameters, opens?: Keyword['opens']): Keyword {
  return { name, parameters, fate: 'stays', ...(opens !== undefined && { opens }) };
}

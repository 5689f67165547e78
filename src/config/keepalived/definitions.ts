import { dirname } from 'node:path';
import type { Findings, Place } from './finding.ts';

/** What definitions can be about besides those of the file. */
export interface Surroundings {
  readonly configId: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** `$NAME` before a blank, a comma, a closing parenthesis or the end; `${NAME}` anywhere. */
const use = /\$\{([A-Za-z_]\w*)((?:\s+[^{}\s]+)*)\s*\}|\$([A-Za-z_]\w*)(?=[\s,)]|$)/g;

/** A definition may use others; deeper than this it uses itself. */
const maxDepth = 64;

/** A line that definitions make longer than this is a slip, or a file made to fill the memory. */
const maxLength = 65_536;

/** The `$NAME=VALUE` lines of a file, as they stand at one point of it. */
export class Definitions {
  readonly #values = new Map<string, string>();
  readonly #findings: Findings;
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings, findings: Findings) {
    this.#surroundings = surroundings;
    this.#findings = findings;
  }

  define(name: string, value: string): void {
    this.#values.set(name, value);
  }

  undefine(name: string): void {
    this.#values.delete(name);
  }

  /**
   * Puts values in the place of names, again and again until none is left. A name that is not
   * defined stays as it is.
   *
   * @returns '' for a text that would have no end, or no reasonable one.
   */
  expand(text: string, place: Place): string {
    let expanded = text;
    for (let depth = 0; depth < maxDepth; depth++) {
      let length = 0;
      const next = expanded.replace(use, (whole, braced = '', args = '', bare = '') => {
        if (length > maxLength) return '';
        const value = this.#valueOf(`${braced}${bare}`, `${args}`.trim(), place) ?? whole;
        length += value.length;
        return value;
      });
      if (next === expanded) return expanded;
      if (length > maxLength) {
        const message = `"${text.trim()}" becomes longer than ${maxLength} characters`;
        this.#findings.add('error', place, '$', message);
        return '';
      }
      expanded = next;
    }
    this.#findings.add('error', place, '$', `"${text.trim()}" uses a definition that uses itself`);
    return '';
  }

  #valueOf(name: string, args: string, place: Place): string | undefined {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    if (name === '_PWD') return dirname(place.file);
    if (name === '_INSTANCE') return this.#surroundings.configId;
    if (name === '_HASH') return '#';
    if (name === '_BANG') return '!';
    if (name === '_ENV') return this.#surroundings.environment[args] ?? '';
    if (name !== '_RANDOM') return undefined;
    const [minimum = '0'] = args.split(/\s+/).filter((word) => word !== '');
    const message = `written as ${minimum}; keepalived takes another number at each start`;
    this.#findings.add('changed', place, '_RANDOM', message);
    return minimum;
  }
}

import { dirname } from 'node:path';
import { decode } from '../ldirectord/encoding.ts';
import { systemErrorText } from '../system-error.ts';
import { Definitions, type Surroundings } from './definitions.ts';
import type { Findings, Place } from './finding.ts';
import type { ImportFiles } from './import-files.ts';
import { type IncludeChecks, includedFiles, readIncludeCheck } from './included-files.ts';
import { readSequence } from './sequences.ts';

/** One line of the configuration as the parser is to see it: nothing left to be put into it. */
export interface SourceLine extends Place {
  readonly text: string;
}

/** keepalived's buffer for a line, with its end and a NUL. */
const lineBuffer = 1024;
const maxIncludeDepth = 32;
/** Sequences within the rounds of another one. */
const maxSequenceDepth = 16;
/** All lines with what includes, sequences and definitions make of them; tens of times any real file. */
const maxCharacters = 32 * 1024 * 1024;
/** What a line, and what a file costs besides its characters. */
const lineCost = 64;
const fileCost = 4096;
const definition = /^\s*\$([A-Za-z_]\w*)=\s*(.*)$/s;

/**
 * Reads a keepalived.conf and all that it includes: comments gone, `@` lines decided, definitions
 * and sequences written out.
 */
export function readSourceLines(
  path: string,
  surroundings: Surroundings,
  files: ImportFiles,
  findings: Findings,
): readonly SourceLine[] {
  const reader = new Reader(surroundings, files, findings);
  reader.readFile(path, { file: path, line: 1 }, 0);
  return reader.lines;
}

class Reader {
  readonly lines: SourceLine[] = [];
  readonly #definitions: Definitions;
  readonly #surroundings: Surroundings;
  readonly #files: ImportFiles;
  readonly #findings: Findings;
  #checks: IncludeChecks = new Set();
  /** Files being read, the main one first. */
  readonly #open: string[] = [];
  #sequences = 0;
  #characters = 0;
  #hasToldOfOthers = false;

  constructor(surroundings: Surroundings, files: ImportFiles, findings: Findings) {
    this.#surroundings = surroundings;
    this.#definitions = new Definitions(surroundings, findings);
    this.#files = files;
    this.#findings = findings;
  }

  /** What an included file does to the checks of includes ends with it. */
  readFile(path: string, from: Place, depth: number): void {
    const checks = this.#checks;
    this.#open.push(path);
    this.#readLines(path, from, depth);
    this.#open.pop();
    this.#checks = checks;
  }

  /** @returns whether there is still room for so much more; said once when there is none. */
  #hasRoom(characters: number, place: Place): boolean {
    const hadRoom = this.#characters <= maxCharacters;
    this.#characters += characters;
    const hasRoom = this.#characters <= maxCharacters;
    if (hadRoom && !hasRoom) {
      const message = `the file with all that it includes and repeats is longer than ${maxCharacters} characters`;
      this.#findings.add('error', place, 'line', message);
    }
    return hasRoom;
  }

  #readLines(path: string, from: Place, depth: number): void {
    let text: string;
    try {
      text = decode(this.#files.read(path)).text;
    } catch (error) {
      this.#findings.add('error', from, path, systemErrorText(error));
      return;
    }
    if (!this.#hasRoom(text.length + fileCost, from)) return;
    /** A definition that goes on in the next line. */
    let open: { readonly name: string; readonly value: string } | undefined;
    for (const [index, physical] of text.split('\n').entries()) {
      const place = { file: path, line: index + 1 };
      const line = this.#ownText(physical, place);
      if (line === undefined) continue;
      const [, name = '', start = ''] = definition.exec(line) ?? [];
      const part = open ? `${open.value}\n${line.trim()}` : name === '' ? undefined : start.trim();
      if (part === undefined) {
        this.#takeLine(line, place, depth);
      } else if (part.endsWith('\\')) {
        open = { name: open?.name ?? name, value: part.slice(0, -1).trimEnd() };
      } else {
        this.#definitions.define(open?.name ?? name, part);
        open = undefined;
      }
    }
  }

  /** The line without its comment, if it is one for this config-id. */
  #ownText(physical: string, place: Place): string | undefined {
    const line = physical.replace(/\r$/, '');
    const length = Buffer.byteLength(line);
    if (length > lineBuffer - 2 || line.includes('\0')) {
      const what = line.includes('\0') ? 'with a NUL' : `of ${length} bytes`;
      const message = `expected at most ${lineBuffer - 2} bytes and no NUL, got a line ${what}, which keepalived drops`;
      this.#findings.add('error', place, 'line', message);
      return undefined;
    }
    const text = withoutComment(line);
    const [, not, id, rest = ''] = /^\s*@(\^?)(\S+)(?:\s+(.*))?$/s.exec(text) ?? [];
    if (id === undefined) return text;
    const { configId } = this.#surroundings;
    if ((id === configId) === (not === '')) return rest;
    this.#tellOfOthers(`@${not}${id}`, place);
    return undefined;
  }

  /** Said once: a file that is read on another machine may lose most of its lines. */
  #tellOfOthers(condition: string, place: Place): void {
    if (this.#hasToldOfOthers) return;
    this.#hasToldOfOthers = true;
    const { configId } = this.#surroundings;
    const message = `left out, as are other lines that are not for "${configId}": --config-id names the machine that the file is read for`;
    this.#findings.add('note', place, condition, message);
  }

  #takeLine(line: string, place: Place, depth: number): void {
    if (!this.#hasRoom(line.length + lineCost, place)) return;
    // what follows a sequence is expanded round by round
    const head = /^\s*~(?:SEQx?|LST)\([^)]*\)?/.exec(line)?.[0];
    if (head !== undefined) {
      const expanded = `${this.#definitions.expand(head, place)}${line.slice(head.length)}`;
      this.#takeSequence(expanded, place, depth);
      return;
    }
    const expanded = this.#definitions.expand(line, place);
    const lines = expanded.split('\n');
    if (lines.length > 1 || /^\s*~(SEQx?|LST)\(/.test(expanded)) {
      for (const one of lines) this.#takeLine(one, place, depth);
    } else this.#takeExpanded(expanded, place, depth);
  }

  #takeSequence(text: string, place: Place, depth: number): void {
    const sequence = readSequence(text);
    if (typeof sequence === 'string' || sequence === undefined) {
      const word = /~\w+/.exec(text)?.[0] ?? text;
      this.#findings.add('error', place, word, sequence ?? 'expected parameters');
      return;
    }
    if (this.#sequences >= maxSequenceDepth) {
      const message = `expected at most ${maxSequenceDepth} sequences within one another`;
      this.#findings.add('error', place, '~', message);
      return;
    }
    this.#sequences++;
    for (const round of sequence.rounds) {
      for (const [name, value] of round) this.#definitions.define(name, value);
      this.#takeLine(sequence.rest, place, depth);
      for (const [name] of round) this.#definitions.undefine(name);
    }
    this.#sequences--;
  }

  #takeExpanded(text: string, place: Place, depth: number): void {
    const [, word, pattern = ''] = /^(include[rmwba]?)\s+(\S.*)$/s.exec(text.trim()) ?? [];
    if (word !== undefined) {
      const from = { ...place, folder: dirname(place.file) };
      const included = { word, pattern: pattern.replace(/^"(.*)"$/s, '$1'), checks: this.#checks };
      for (const path of includedFiles(included, from, this.#files, this.#findings)) {
        if (depth >= maxIncludeDepth || this.#open.includes(path)) {
          this.#findings.add('error', place, word, `"${pattern}" is included by itself`);
        } else this.readFile(path, place, depth + 1);
      }
      return;
    }
    this.#checks = readIncludeCheck(text, this.#checks);
    const undefinedName = /\$\{\w+\}/.exec(text.replace(/"[^"]*"/g, ''))?.[0];
    if (undefinedName !== undefined) {
      this.#findings.add(
        'error',
        place,
        undefinedName,
        'expected a definition of it in a line before',
      );
      return;
    }
    if (text.trim() !== '') this.lines.push({ ...place, text });
  }
}

/** Cuts at `#` or `!` outside of double quotes; a backslash before one keeps it and goes. */
function withoutComment(line: string): string {
  let quoted = false;
  let text = '';
  for (let at = 0; at < line.length; at++) {
    const c = line.charAt(at);
    const next = line.charAt(at + 1);
    if (c === '\\' && (next === '#' || next === '!')) {
      text += next;
      at++;
      continue;
    }
    if (c === '"') quoted = !quoted;
    else if ((c === '#' || c === '!') && !quoted) break;
    text += c;
  }
  return text.trimEnd();
}

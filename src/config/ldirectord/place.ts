import type { Directive } from './directive.ts';
import { columnsOf, type DirectiveLine } from './syntax.ts';

/** A block that lines still come to. */
export interface OpenBlock {
  readonly head: DirectiveLine;
  readonly parameters: DirectiveLine[];
}

/** Where lines with something below them are put: a section, or the global lines. */
export interface Shelf {
  readonly body: DirectiveLine[];
  readonly blocks: OpenBlock[];
  readonly servers: {
    readonly line: DirectiveLine;
    readonly body: DirectiveLine[];
    readonly blocks: OpenBlock[];
  }[];
}

/** A server whose line had nothing after it but what is its own. */
export interface OpenServer {
  readonly line: DirectiveLine;
  readonly shelf: Shelf;
}

/** What the next line may belong to by its indentation. */
export interface OpenPart {
  block?: OpenBlock | undefined;
  server?: OpenServer | undefined;
}

/** The server that a line is about: it stands below that server's line, and deeper. */
export function serverAbove(
  { server }: OpenPart,
  line: DirectiveLine,
  { ofServer }: Directive<unknown>,
): OpenServer | undefined {
  if (server === undefined || ofServer !== true) return undefined;
  return columnsOf(line.indent) > columnsOf(server.line.indent) ? server : undefined;
}

/** Puts a line with those that are about its server alone. */
export function attach(
  open: OpenPart,
  { line: serverLine, shelf }: OpenServer,
  line: DirectiveLine,
  directive: Directive<unknown>,
): void {
  let part = shelf.servers.at(-1);
  if (part?.line !== serverLine) {
    part = { line: serverLine, body: [], blocks: [] };
    shelf.servers.push(part);
  }
  add(open, part, line, directive);
}

/** Puts a line with those of its section, or with the global ones. */
export function put(
  open: OpenPart,
  shelf: Shelf,
  line: DirectiveLine,
  directive: Directive<unknown>,
): void {
  add(open, shelf, line, directive);
  open.server = serverNames.has(line.name) ? { line, shelf } : undefined;
}

const serverNames: ReadonlySet<string> = new Set(['real', 'real6', 'fallback', 'fallback6']);

function add(
  { block }: OpenPart,
  to: Pick<Shelf, 'body' | 'blocks'>,
  line: DirectiveLine,
  { opensBlock }: Directive<unknown>,
): void {
  if (opensBlock && block !== undefined) to.blocks.push(block);
  else to.body.push(line);
}

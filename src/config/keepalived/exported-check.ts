import type { CheckTarget } from '../check-target.ts';
import type { Endpoint } from '../endpoint.ts';
import type { RealServer, VirtualServer } from '../model.ts';
import { type Entry, entry } from './blocks-text.ts';
import type { Findings, Place } from './finding.ts';

/** Where a check stands, and what it may add to the rest of the new file. */
export interface ExportContext {
  readonly findings: Findings;
  readonly place: Place;
  readonly virtual: VirtualServer;
  readonly real: RealServer;
  /** Paths of the files that checks follow, by the names of their track_file blocks. */
  readonly trackFiles: Map<string, string>;
  /** Of the checks over TLS; keepalived has one for all. */
  readonly tls: Set<string>;
}

/** A checker of keepalived. */
export interface CheckBody {
  readonly keyword: string;
  readonly entries: readonly Entry[];
}

/** Where a check goes to, as far as it is not its server, and for how long. */
export function targetEntries(
  target: CheckTarget,
  timeoutMs: number,
  server: Endpoint,
): readonly Entry[] {
  const { address, port, from } = target;
  return [
    ...(address === server.address ? [] : [entry('connect_ip', address)]),
    ...(port === server.port ? [] : [entry('connect_port', port)]),
    ...(from === undefined ? [] : [entry('bindto', from)]),
    entry('connect_timeout', timeoutMs / 1000),
  ];
}

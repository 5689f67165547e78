import type { VirtualServer } from '../model.ts';

/** What the kernel of this network namespace is set to; undefined: cannot be known here. */
export interface TrapFacts {
  /** net.ipv4.vs.expire_quiescent_template */
  readonly expireQuiescentTemplate: boolean | undefined;
  /** net.ipv4.vs.expire_nodest_conn */
  readonly expireNodestConn: boolean | undefined;
}

export type TrapCode =
  | 'trap-persistent'
  | 'trap-udp'
  | 'trap-port-change'
  | 'trap-no-fallback'
  | 'trap-cannot-fail'
  | 'trap-never-up'
  | 'trap-interval'
  | 'trap-receive';

/** Something that is allowed, and that will hurt one day. */
export interface Trap {
  readonly code: TrapCode;
  /** One sentence that says what happens and what to do. */
  readonly message: string;
  readonly virtual: VirtualServer;
  /** Where to point: the line of the first of these that the section has. */
  readonly directives: readonly string[];
  /** Else this line of the file; without it that of the virtual server. */
  readonly line?: number;
}

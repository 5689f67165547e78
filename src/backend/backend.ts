import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import type { Operation, OperationOutcome, ServiceEntry } from '../ipvs-netlink/model.ts';

/**
 * A way to the IPVS table of the network namespace that the process lives in. Siblings: netlink
 * (the kernel directly), ipvsadm (its command), memory (no kernel). All pass one contract suite.
 */
export interface IpvsBackend {
  /** Name for logs and `--backend`. */
  readonly name: 'netlink' | 'ipvsadm' | 'memory';

  /**
   * The whole table with counters, in a stable order.
   * @throws BackendError when the kernel cannot be read (no permission, no ip_vs).
   */
  readTable(): Promise<readonly ServiceEntry[]>;

  /**
   * Carries out the operations in the given order. One that fails does not stop those after it.
   * @returns one outcome per operation, in the same order.
   * @throws BackendError when nothing can be said about any of them.
   */
  apply(operations: readonly Operation[]): Promise<readonly OperationOutcome[]>;

  /**
   * The connection synchronisation daemons that run in the kernel; not there where this way into
   * the kernel does not tell.
   * @throws BackendError when the kernel cannot be read.
   */
  syncDaemons?(): Promise<readonly SyncDaemon[]>;

  /** Gives back sockets. Safe to call twice. */
  close(): Promise<void>;
}

/** Why the kernel's table cannot be reached at all, in one line for the operator. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
}

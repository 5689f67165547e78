import type { IpvsBackend } from '../backend/backend.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import type { Operation, OperationOutcome, ServiceId, Table } from '../ipvs-netlink/model.ts';
import { diff, managedOnly } from './diff.ts';

/** What one synchronisation did. */
export interface SyncReport {
  /** `drift`: somebody else had changed the kernel; `change`: file, health or orders had changed. */
  readonly cause: 'change' | 'drift';
  /** The kernel was read; otherwise it was trusted to be as it had been left. */
  readonly verified: boolean;
  /** One per operation; empty when there was nothing to do. */
  readonly outcomes: readonly OperationOutcome[];
}

/**
 * Keeps the kernel's table equal to the desired one. Runs one synchronisation at a time; calls
 * that come meanwhile are joined into one that follows.
 *
 * It remembers the table it left behind, so that a change of health costs one diff and one send,
 * and reads the kernel to find drift (`verify`) or after anything failed.
 */
export class Reconciler {
  readonly #backend: IpvsBackend;
  readonly #desired: () => Table;
  readonly #onDone: (report: SyncReport) => void;
  /** Services that are in the desired table, or were and could not be deleted yet. */
  #managed: ReadonlySet<string> = new Set();
  /** The managed part of the kernel's table as we left it; absent when it is not known. */
  #known: Table | undefined;
  #queued: { verify: boolean; readonly report: Promise<SyncReport> } | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * @param desired asked anew in each synchronisation.
   * @param onDone called once for each, however many calls of `sync` were joined in it.
   */
  constructor(
    backend: IpvsBackend,
    desired: () => Table,
    onDone: (report: SyncReport) => void = () => undefined,
  ) {
    this.#backend = backend;
    this.#desired = desired;
    this.#onDone = onDone;
  }

  /**
   * Brings the kernel to the desired table.
   *
   * @param verify read the kernel first, instead of trusting what we left there.
   * @throws BackendError when the kernel cannot be reached; nothing is lost, call again.
   */
  sync({ verify }: { readonly verify: boolean }): Promise<SyncReport> {
    if (this.#queued !== undefined) {
      this.#queued.verify ||= verify;
      return this.#queued.report;
    }
    const report = this.#enqueue(async () => {
      const mustVerify = this.#queued?.verify ?? verify;
      this.#queued = undefined;
      const done = await this.#run(mustVerify);
      this.#onDone(done);
      return done;
    });
    this.#queued = { verify, report };
    return report;
  }

  /**
   * Deletes services for good, at stop. Those that are not in the kernel are passed over.
   *
   * @throws BackendError when the kernel cannot be reached.
   */
  remove(services: readonly ServiceId[]): Promise<readonly OperationOutcome[]> {
    return this.#enqueue(async () => {
      const present = new Set((await this.#backend.readTable()).map((s) => serviceKey(s.id)));
      const doomed = services.filter((id) => present.has(serviceKey(id)));
      this.#known = undefined;
      return this.#backend.apply(doomed.map((service) => ({ kind: 'delete-service', service })));
    });
  }

  /**
   * What would bring a table to the desired one; nothing is done.
   *
   * @param table the kernel's table as it has just been read.
   */
  pending(table: Table): readonly Operation[] {
    const desired = this.#desired();
    const keys = new Set([...this.#managed, ...desired.map(({ id }) => serviceKey(id))]);
    return diff(desired, managedOnly(table, keys));
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #run(verify: boolean): Promise<SyncReport> {
    const report = await this.#attempt(verify);
    if (!report.outcomes.some((outcome) => outcome.error)) return report;
    // What we believed of the kernel was wrong, or it refuses: look, and try once more.
    const second = await this.#attempt(true);
    const done = report.outcomes.filter((outcome) => !outcome.error);
    return { ...second, cause: report.cause, outcomes: [...done, ...second.outcomes] };
  }

  async #attempt(verify: boolean): Promise<SyncReport> {
    const before = this.#known;
    const trusted = verify ? undefined : before;
    const found = trusted ?? (await this.#backend.readTable());
    const desired = this.#desired();
    const keys = new Set(desired.map((service) => serviceKey(service.id)));
    this.#managed = new Set([...this.#managed, ...keys]);

    const operations = diff(desired, managedOnly(found, this.#managed));
    const verified = trusted === undefined;
    // only a look at the kernel can find what somebody else did
    const wasInOrder = verified && before !== undefined && diff(desired, before).length === 0;
    this.#known = undefined;
    const outcomes = operations.length > 0 ? await this.#backend.apply(operations) : [];
    if (!outcomes.some((outcome) => outcome.error)) {
      this.#known = desired;
      this.#managed = keys;
    }
    return { cause: wasInOrder ? 'drift' : 'change', verified, outcomes };
  }
}

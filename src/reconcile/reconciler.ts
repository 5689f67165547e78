import type { IpvsBackend } from '../backend/backend.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import type { Operation, OperationOutcome, ServiceId, Table } from '../ipvs-netlink/model.ts';
import { diff, managedOnly } from './diff.ts';
import { Turns } from './turns.ts';

/** What one synchronisation did. */
export interface SyncReport {
  /** `drift`: somebody else had changed the kernel; `change`: file, health or orders had changed. */
  readonly cause: 'change' | 'drift';
  /** The kernel was read; otherwise it was trusted to be as it had been left. */
  readonly verified: boolean;
  /** One per operation; empty when there was nothing to do. */
  readonly outcomes: readonly OperationOutcome[];
}

/** Outlives the process: which services are ours, whatever the desired table says by then. */
export interface ServiceMemory {
  /** Keys (`serviceKey`) of what was ours when the memory was last written. */
  readonly recalled: ReadonlySet<string>;
  /** Called before anything is put into the kernel that is not remembered yet. Never throws. */
  remember(services: ReadonlySet<string>): void;
  /** Those of these services that somebody else looks after as well: they are not ours to delete. */
  shared(services: ReadonlySet<string>): readonly { readonly service: string }[];
}

/** For a table that nobody has to tidy up after. */
const noMemory: ServiceMemory = {
  recalled: new Set(),
  remember: () => undefined,
  shared: () => [],
};

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
  readonly #memory: ServiceMemory;
  readonly #cleared: () => ReadonlySet<string>;
  /** Services that are in the desired table, or were and could not be deleted yet. */
  #managed: ReadonlySet<string>;
  /** The managed part of the kernel's table as we left it; absent when it is not known. */
  #known: Table | undefined;
  #queued: { verify: boolean; readonly report: Promise<SyncReport> } | undefined;
  readonly #turns = new Turns();

  /**
   * @param desired asked anew in each synchronisation.
   * @param onDone called once for each, however many calls of `sync` were joined in it.
   * @param cleared keys (`serviceKey`) of services that are ours and not to be there, whether we
   *   put them there or not; asked as `desired`.
   */
  constructor(
    backend: IpvsBackend,
    desired: () => Table,
    onDone: (report: SyncReport) => void = () => undefined,
    memory: ServiceMemory = noMemory,
    cleared: () => ReadonlySet<string> = () => new Set(),
  ) {
    this.#cleared = cleared;
    this.#memory = memory;
    this.#managed = memory.recalled;
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
    const report = this.#turns.take(async () => {
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
   * Deletes all services that are ours for good, at stop, but for those that somebody else looks
   * after.
   *
   * @param services further ones that are ours, though they may never have been synchronised.
   * @param kept keys (`serviceKey`) of those that stay.
   * @throws BackendError when the kernel cannot be reached.
   */
  remove(
    services: readonly ServiceId[],
    kept: ReadonlySet<string>,
  ): Promise<readonly OperationOutcome[]> {
    return this.#turns.take(async () => {
      const table = await this.#backend.readTable();
      const ours = this.#withoutShared(new Set([...this.#managed, ...services.map(serviceKey)]));
      const doomed = managedOnly(table, ours).filter(({ id }) => !kept.has(serviceKey(id)));
      this.#known = undefined;
      return this.#backend.apply(
        doomed.map(({ id }) => ({ kind: 'delete-service', service: id }) as const),
      );
    });
  }

  /**
   * What would bring a table to the desired one; nothing is done.
   *
   * @param table the kernel's table as it has just been read.
   */
  pending(table: Table): readonly Operation[] {
    const desired = this.#desired();
    const wanted = desired.map(({ id }) => serviceKey(id));
    const keys = new Set([...this.#managed, ...wanted, ...this.#cleared()]);
    return diff(desired, managedOnly(table, keys));
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
    const gone = [...this.#managed, ...this.#cleared()].filter((key) => !keys.has(key));
    this.#managed = new Set([...keys, ...this.#withoutShared(new Set(gone))]);
    this.#memory.remember(this.#managed);

    const operations = diff(desired, managedOnly(found, this.#managed));
    const verified = trusted === undefined;
    // only a look at the kernel can find what somebody else did
    const wasInOrder = verified && before !== undefined && diff(desired, before).length === 0;
    this.#known = undefined;
    const outcomes = operations.length > 0 ? await this.#backend.apply(operations) : [];
    if (!outcomes.some((outcome) => outcome.error)) {
      this.#known = desired;
      this.#managed = keys;
      this.#memory.remember(keys);
    }
    return { cause: wasInOrder ? 'drift' : 'change', verified, outcomes };
  }

  #withoutShared(services: ReadonlySet<string>): ReadonlySet<string> {
    if (services.size === 0) return services;
    const shared = new Set(this.#memory.shared(services).map(({ service }) => service));
    return new Set([...services].filter((key) => !shared.has(key)));
  }
}

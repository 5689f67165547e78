import type { IpvsBackend } from '../backend/backend.ts';
import { operationWords } from '../backend/ipvsadm-words.ts';
import { messageOf } from '../config/system-error.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import type { Operation, ServiceEntry } from '../ipvs-netlink/model.ts';
import type { Snapshot } from '../status/snapshot.ts';

/** What a snapshot is made of, besides what the kernel says. */
export interface SnapshotSources {
  readonly backend: IpvsBackend;
  /** What would make that table as it is wanted. */
  readonly pending: (table: readonly ServiceEntry[]) => readonly Operation[];
  /** As file, health, orders and that table show them together. */
  readonly virtuals: (table: readonly ServiceEntry[]) => Snapshot['virtuals'];
  readonly facts: Omit<Snapshot, 'backend' | 'pending' | 'virtuals' | 'sync' | 'kernelError'>;
}

/** Everything that a daemon knows now. When the kernel cannot be read, everything but that. */
export async function snapshotOf(sources: SnapshotSources): Promise<Snapshot> {
  const { backend, pending, virtuals, facts } = sources;
  const kernel = await readKernel(backend);
  return {
    ...facts,
    backend: backend.name,
    pending: kernel.isRead ? pending(kernel.table).map((o) => operationWords(o).join(' ')) : [],
    ...(kernel.isRead ? kernel.sync && { sync: kernel.sync } : { kernelError: kernel.error }),
    virtuals: virtuals(kernel.isRead ? kernel.table : []),
  };
}

type Kernel =
  | {
      readonly isRead: true;
      readonly table: readonly ServiceEntry[];
      readonly sync: readonly SyncDaemon[] | undefined;
    }
  | { readonly isRead: false; readonly error: string };

async function readKernel(backend: IpvsBackend): Promise<Kernel> {
  try {
    const [table, sync] = [await backend.readTable(), await backend.syncDaemons?.()];
    return { isRead: true, table, sync };
  } catch (error) {
    return { isRead: false, error: messageOf(error) };
  }
}

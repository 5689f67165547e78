import type { IpvsBackend } from '../backend/backend.ts';
import { operationWords } from '../backend/ipvsadm-words.ts';
import type { Config } from '../config/model.ts';
import { messageOf } from '../config/system-error.ts';
import type { ServerHealth } from '../health/server-health.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import type { Operation, ServiceEntry } from '../ipvs-netlink/model.ts';
import { type Snapshot, virtualStatuses } from '../status/snapshot.ts';
import type { Orders } from './orders.ts';

/** What a snapshot is made of, besides what the kernel says. */
export interface SnapshotSources {
  readonly backend: IpvsBackend;
  readonly config: Config;
  readonly health: ServerHealth;
  readonly orders: Orders;
  /** What would make that table as it is wanted. */
  readonly pending: (table: readonly ServiceEntry[]) => readonly Operation[];
  readonly facts: Omit<Snapshot, 'backend' | 'pending' | 'virtuals' | 'sync' | 'kernelError'>;
}

/** Everything that a daemon knows now. When the kernel cannot be read, everything but that. */
export async function snapshotOf(sources: SnapshotSources): Promise<Snapshot> {
  const { backend, config, health, orders, pending, facts } = sources;
  const kernel = await readKernel(backend);
  return {
    ...facts,
    backend: backend.name,
    pending: kernel.isRead ? pending(kernel.table).map((o) => operationWords(o).join(' ')) : [],
    ...(kernel.isRead ? kernel.sync && { sync: kernel.sync } : { kernelError: kernel.error }),
    virtuals: virtualStatuses(config, health, orders, kernel.isRead ? kernel.table : []),
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

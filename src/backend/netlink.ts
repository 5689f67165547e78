import { IpvsClient, type IpvsClientOptions } from '../ipvs-netlink/client.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';
import { NetlinkError } from '../ipvs-netlink/errors.ts';
import type { Operation, OperationOutcome, ServiceEntry } from '../ipvs-netlink/model.ts';
import { BackendError, type IpvsBackend } from './backend.ts';
import { noIpvs, noPermission } from './refusals.ts';
import { sortDestinations, sortServices } from './table-order.ts';

/** Netlink itself does not work here; another way into the same kernel may. */
export class NetlinkUnusableError extends BackendError {}

/** The kernel's table over netlink: many operations in one send, one dump to read it all. */
export class NetlinkBackend implements IpvsBackend {
  readonly name = 'netlink';
  #client: IpvsClient;
  readonly #options: IpvsClientOptions;

  private constructor(client: IpvsClient, options: IpvsClientOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * @throws BackendError when the kernel refuses (no permission, no ip_vs), and its subclass
   *   NetlinkUnusableError when the kernel could not even be asked.
   */
  static async open(options: IpvsClientOptions = {}): Promise<NetlinkBackend> {
    try {
      return new NetlinkBackend(await IpvsClient.open(options), options);
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      throw refusal(error) ?? new NetlinkUnusableError(error.message, { cause: error });
    }
  }

  async readTable(): Promise<readonly ServiceEntry[]> {
    const services = await orBackendError('read', () => this.#table());
    return sortServices(services).map((service) => ({
      ...service,
      destinations: sortDestinations(service.destinations),
    }));
  }

  /** After ip_vs was unloaded and loaded again its family has another number: ask for it anew. */
  async #table(): Promise<readonly ServiceEntry[]> {
    try {
      return await this.#client.table();
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
      const fresh = await IpvsClient.open(this.#options);
      await this.#client.close();
      this.#client = fresh;
      return fresh.table();
    }
  }

  async apply(operations: readonly Operation[]): Promise<readonly OperationOutcome[]> {
    return orBackendError('change', () => this.#client.apply(operations));
  }

  async syncDaemons(): Promise<readonly SyncDaemon[]> {
    return orBackendError('read', () => this.#client.daemons());
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

async function orBackendError<T>(task: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    const message = `cannot ${task} the IPVS table: ${error.message}`;
    throw refusal(error) ?? new BackendError(message, { cause: error });
  }
}

/** What the kernel itself says no to; no other way of asking changes that. */
function refusal(error: NetlinkError): BackendError | undefined {
  if (error.code === 'EPERM' || error.code === 'EACCES') return noPermission(error);
  if (error.code === 'ENOENT') return noIpvs(error);
  return undefined;
}

import { required } from './attribute.ts';
import { type IpvsChannel, openIpvsChannel } from './channel.ts';
import { type Command, decodeAnswer, operationToCommand } from './command.ts';
import { type Info, infoFromAttributes, type Timeouts, timeoutsFromAttributes } from './config.ts';
import {
  daemonFromAttributes,
  daemonRoleToAttributes,
  daemonToAttributes,
  type SyncDaemon,
  type SyncDaemonRole,
} from './daemon.ts';
import { dumpDestinations, dumpServices, dumpTable, type ServiceSummary } from './dump-table.ts';
import { NetlinkError } from './errors.ts';
import { COMMAND, COMMAND_ATTRIBUTES, INFO_ATTRIBUTES } from './ipvs-attributes.ts';
import { serviceKey } from './keys.ts';
import type { Subject } from './meaning.ts';
import type {
  DestinationEntry,
  Operation,
  OperationOutcome,
  ServiceEntry,
  ServiceId,
} from './model.ts';
import { SerialQueue } from './serial-queue.ts';
import { serviceIdToAttributes } from './service.ts';
import { type OpenSocket, openGenericSocket } from './socket.ts';

export interface IpvsClientOptions {
  /** Opens the way to the kernel; default: a netlink socket in the process's network namespace. */
  readonly openSocket?: OpenSocket;
  /** How long the kernel may take for one answer; default 5000. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5000;
const READ_INFO: Command = {
  operation: 'read info',
  subject: 'table',
  command: COMMAND.getInfo,
  values: () => ({}),
};
const READ_TIMEOUTS: Command = {
  operation: 'read timeouts',
  subject: 'table',
  command: COMMAND.getConfig,
  values: () => ({}),
};
const LIST_DAEMONS: Command = {
  operation: 'list daemons',
  subject: 'daemon',
  command: COMMAND.getDaemon,
  values: () => ({}),
};

/**
 * The IPVS table of one network namespace. Calls may overlap: they are carried out one after the
 * other. All of them throw NetlinkError, and nothing else, when the kernel refuses, does not
 * answer, or answers what cannot be understood.
 */
export class IpvsClient {
  readonly #channel: IpvsChannel;
  readonly #queue = new SerialQueue();

  private constructor(channel: IpvsChannel) {
    this.#channel = channel;
  }

  /**
   * @throws NetlinkError ENOENT when the kernel has no IPVS, EPERM without CAP_NET_ADMIN,
   *   EPROTONOSUPPORT or the like when the kernel has no generic netlink.
   */
  static async open(options: IpvsClientOptions = {}): Promise<IpvsClient> {
    const client = new IpvsClient(
      await openIpvsChannel({
        openSocket: options.openSocket ?? openGenericSocket,
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      }),
    );
    try {
      await client.info(); // every command needs CAP_NET_ADMIN, so this one tells
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** All services with their destinations and counters, in the kernel's order. */
  table(): Promise<readonly ServiceEntry[]> {
    return this.#queue.run(() => dumpTable(this.#channel));
  }

  /** All services with their counters, in the kernel's order. */
  services(): Promise<readonly ServiceSummary[]> {
    return this.#queue.run(() => dumpServices(this.#channel));
  }

  /** @throws NetlinkError ESRCH when there is no such service. */
  destinations(id: ServiceId): Promise<readonly DestinationEntry[]> {
    return this.#queue.run(() => dumpDestinations(this.#channel, id));
  }

  /**
   * Carries out the operations in the given order, many in one send. One that fails does not stop
   * those after it; an error with `outcomeUnknown` says that the kernel may have done it.
   *
   * @returns one outcome per operation, in the same order.
   * @throws NetlinkError only when no socket can be opened.
   */
  apply(operations: readonly Operation[]): Promise<readonly OperationOutcome[]> {
    return this.#queue.run(async () => {
      const answers = await this.#channel.batch(operations.map(operationToCommand));
      return operations.map((operation, index) => {
        const error = answers[index]?.error;
        return error === undefined ? { operation } : { operation, error };
      });
    });
  }

  /** Version of IPVS in the kernel and size of its connection table. */
  info(): Promise<Info> {
    return this.#queue.run(async () => {
      const { operation } = READ_INFO;
      return first(
        operation,
        (await this.#channel.request(READ_INFO)).map((message) =>
          decodeAnswer(operation, message, INFO_ATTRIBUTES, infoFromAttributes),
        ),
      );
    });
  }

  /** Idle timeouts of connections. */
  timeouts(): Promise<Timeouts> {
    return this.#queue.run(async () => {
      const { operation } = READ_TIMEOUTS;
      return first(
        operation,
        (await this.#channel.request(READ_TIMEOUTS)).map((message) =>
          decodeAnswer(operation, message, COMMAND_ATTRIBUTES, timeoutsFromAttributes),
        ),
      );
    });
  }

  /** Changes the timeouts that are given; to the kernel, 0 too leaves one as it is. */
  setTimeouts(timeouts: Partial<Timeouts>): Promise<void> {
    return this.#command('set timeouts', 'table', COMMAND.setConfig, () => ({
      timeoutTcpS: timeouts.tcpS,
      timeoutTcpFinS: timeouts.tcpFinS,
      timeoutUdpS: timeouts.udpS,
    }));
  }

  /** The connection synchronisation daemons that run: none, master, backup or both. */
  daemons(): Promise<readonly SyncDaemon[]> {
    return this.#queue.run(async () => {
      const { operation } = LIST_DAEMONS;
      return (await this.#channel.dump(LIST_DAEMONS)).map((message) =>
        decodeAnswer(operation, message, COMMAND_ATTRIBUTES, (values) =>
          daemonFromAttributes(required(COMMAND_ATTRIBUTES, values, 'daemon')),
        ),
      );
    });
  }

  /** @throws NetlinkError EEXIST when one in this role runs already, ENODEV without the interface. */
  startDaemon(daemon: SyncDaemon): Promise<void> {
    return this.#command(`start ${daemon.role} daemon`, 'daemon', COMMAND.newDaemon, () => ({
      daemon: daemonToAttributes(daemon),
    }));
  }

  /**
   * The kernel does not answer when the thread that it stops was not scheduled once since its start:
   * kthread_stop() then gives EINTR, for which netlink_rcv_skb() sends no acknowledgement. A second
   * command in the same send is answered in any case, and says that the first is over.
   *
   * @throws NetlinkError ESRCH when none in this role runs.
   */
  stopDaemon(role: SyncDaemonRole): Promise<void> {
    const operation = `stop ${role} daemon`;
    const values = () => ({ daemon: daemonRoleToAttributes(role) });
    return this.#queue.run(async () => {
      const stop: Command = {
        operation,
        subject: 'daemon',
        command: COMMAND.deleteDaemon,
        values,
      };
      for (const { error } of await this.#channel.batch([stop, READ_INFO])) {
        if (error !== undefined) throw error;
      }
    });
  }

  /** Removes all services, those of others too. */
  flush(): Promise<void> {
    return this.#command('flush', 'table', COMMAND.flush, () => ({}));
  }

  /** Sets the counters of one service, or of everything, to zero. */
  zero(id?: ServiceId): Promise<void> {
    return this.#command(
      `zero ${id === undefined ? 'all' : serviceKey(id)}`,
      'service',
      COMMAND.zero,
      () => (id === undefined ? {} : { service: serviceIdToAttributes(id) }),
    );
  }

  /** Waits for the calls under way and gives the socket back. Safe to call twice. */
  close(): Promise<void> {
    return this.#queue.run(async () => this.#channel.close());
  }

  #command(
    operation: string,
    subject: Subject,
    command: number,
    values: Command['values'],
  ): Promise<void> {
    return this.#queue.run(async () => {
      await this.#channel.request({ operation, subject, command, values });
    });
  }
}

function first<T>(operation: string, items: readonly T[]): T {
  const item = items[0];
  if (item !== undefined) return item;
  throw new NetlinkError({ operation, code: 'EBADMSG', detail: 'expected an answer, got none' });
}

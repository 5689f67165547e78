/**
 * What IPVS balances, in the kernel's words: services, destinations, their counters, and the
 * operations that change them. Field names and meanings follow include/uapi/linux/ip_vs.h.
 */

export type AddressFamily = 'inet' | 'inet6';

export type TransportProtocol = 'tcp' | 'udp' | 'sctp';

/** A service known by its address. Addresses are canonical text: dotted quad, or RFC 5952. */
export interface AddressServiceId {
  readonly family: AddressFamily;
  readonly protocol: TransportProtocol;
  readonly address: string;
  /** 0..65535; 0 stands for every port and needs persistence. */
  readonly port: number;
}

/** A service known by the mark that the firewall set on the packet. */
export interface FwmarkServiceId {
  readonly family: AddressFamily;
  /** 1..4294967295 */
  readonly fwmark: number;
}

/** What identifies a service in the kernel; everything else of it can be edited. */
export type ServiceId = AddressServiceId | FwmarkServiceId;

export interface Service {
  readonly id: ServiceId;
  /** Kernel name of the scheduler: rr, wrr, lc, wlc, sh, mh, ... */
  readonly scheduler: string;
  /** The bits IP_VS_SVC_F_SCHED1..3 (0x08, 0x10, 0x20); their names depend on the scheduler. */
  readonly schedulerFlags: number;
  /** Seconds that a client stays with its server (IP_VS_SVC_F_PERSISTENT); 0: no persistence. */
  readonly persistenceTimeoutS: number;
  /** Which clients count as one: dotted quad for inet, prefix length in decimal for inet6. */
  readonly persistenceNetmask: string;
  /** Persistence engine, "sip" or "" for none. */
  readonly persistenceEngine: string;
  /** IP_VS_SVC_F_ONEPACKET: schedule every UDP packet alone. */
  readonly onePacket: boolean;
}

export interface DestinationId {
  /** May differ from the service's family with tunnel forwarding. */
  readonly family: AddressFamily;
  readonly address: string;
  /** 0..65535; 0 keeps the port of the packet. */
  readonly port: number;
}

/** IP_VS_CONN_F_FWD_MASK values, by their kernel names. */
export type ForwardingMethod = 'masq' | 'local' | 'tunnel' | 'route' | 'bypass';

/** IP_VS_TUNNEL_ENCAP_FLAG_*: the checksum that the encapsulation carries. */
export type TunnelChecksum = 'nocsum' | 'csum' | 'remcsum';

/** How packets are wrapped under `forwarding: 'tunnel'` (IPVS_DEST_ATTR_TUN_*). */
export interface Tunnel {
  readonly type: 'ipip' | 'gue' | 'gre';
  /** UDP port of gue; 0 for the other types. */
  readonly port: number;
  readonly checksum: TunnelChecksum;
}

export interface Destination {
  readonly id: DestinationId;
  readonly forwarding: ForwardingMethod;
  /** 0..65535; 0 gets no new connections. */
  readonly weight: number;
  /** Active connections at which the kernel stops (upper) and starts again (lower); 0: no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** Present exactly when `forwarding` is 'tunnel'. */
  readonly tunnel?: Tunnel;
}

/** A service with its destinations: one row of a table, wished or real. */
export interface TableService extends Service {
  readonly destinations: readonly Destination[];
}

/** A whole IPVS table. Order has no meaning; keys are unique. */
export type Table = readonly TableService[];

/** IPVS_STATS_ATTR_*: totals since the last zero, and rates per second. */
export interface Stats {
  readonly connections: bigint;
  readonly inPackets: bigint;
  readonly outPackets: bigint;
  readonly inBytes: bigint;
  readonly outBytes: bigint;
  readonly connectionsPerSecond: bigint;
  readonly inPacketsPerSecond: bigint;
  readonly outPacketsPerSecond: bigint;
  readonly inBytesPerSecond: bigint;
  readonly outBytesPerSecond: bigint;
}

export interface DestinationEntry extends Destination {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly stats: Stats;
}

/** A service as the kernel reports it. */
export interface ServiceEntry extends Service {
  readonly destinations: readonly DestinationEntry[];
  readonly stats: Stats;
}

/** One change of the kernel's table. */
export type Operation =
  | { readonly kind: 'add-service' | 'edit-service'; readonly service: Service }
  | { readonly kind: 'delete-service'; readonly service: ServiceId }
  | {
      readonly kind: 'add-destination' | 'edit-destination';
      readonly service: ServiceId;
      readonly destination: Destination;
    }
  | {
      readonly kind: 'delete-destination';
      readonly service: ServiceId;
      readonly destination: DestinationId;
    };

/** What became of an operation; `error` is absent when the kernel did it. */
export interface OperationOutcome {
  readonly operation: Operation;
  readonly error?: Error;
}

import type { AddressFamily } from '../config/endpoint.ts';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';

/**
 * What was seen of a machine, as plain data: gathered at the edge (gather/), judged by the checks,
 * printed by `ipvsd doctor --facts`.
 */

/** Something that was looked at, or why not. */
export type Looked<T> = { readonly value: T } | Unseen;

export interface Unseen {
  /** Why it was not looked at. */
  readonly unknown: string;
  /** Lets it be looked at the next time. */
  readonly command?: string;
}

export interface Facts {
  /** Name of the machine. */
  readonly host: string;
  /** Version of ipvsd. */
  readonly ipvsd: string;
  /** As `uname -r` prints it. */
  readonly kernel: string;
  /** SHA-256 over the configuration file and those that it includes. */
  readonly digest: string;
  /** Values below /proc/sys by their names for sysctl(8); what is not there is absent. */
  readonly settings: Readonly<Record<string, string>>;
  readonly network: Looked<Network>;
  readonly ipvs: Looked<IpvsFacts>;
  /** Kernel modules by name. */
  readonly modules: Readonly<Record<string, ModuleState>>;
  readonly packetRules: PacketRules;
  /** Link-layer addresses of other machines that answer for a virtual address, by that address. */
  readonly answers: Readonly<Record<string, Looked<readonly string[]>>>;
  readonly managers: readonly Manager[];
  /** npm packages that checks of the file need and that are not installed. */
  readonly missingPackages: readonly string[];
}

export interface IpvsFacts {
  /** Version of IPVS in the kernel. */
  readonly version: string;
  readonly daemons: readonly SyncDaemon[];
}

export type ModuleState = 'loaded' | 'available' | 'missing' | 'unknown';

export interface Network {
  readonly interfaces: readonly NetworkInterface[];
  /** The way to each address of the file; without one it is absent. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly defaultRoutes: readonly DefaultRoute[];
  /** Addresses by the link-layer address that they are known to be at. */
  readonly neighbours: Readonly<Record<string, readonly string[]>>;
}

export interface NetworkInterface {
  readonly name: string;
  /** `loopback`, `ether`, `ipip`, ... as ip(8) has it. */
  readonly linkType: string;
  /** `dummy`, `bridge`, `ipip`, `gre`, ... of a virtual one. */
  readonly kind?: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly linkAddress?: string;
  readonly addresses: readonly InterfaceAddress[];
}

export interface InterfaceAddress {
  readonly family: AddressFamily;
  readonly address: string;
  readonly prefixLength: number;
  /** Duplicate address detection found another machine with it (RFC 4862 5.4). */
  readonly duplicate?: boolean;
  /** It was added without duplicate address detection. */
  readonly unchecked?: boolean;
}

export interface Route {
  readonly interface: string;
  /** Delivered on this machine. */
  readonly local: boolean;
  readonly gateway?: string;
  /** Own address that packets go out with. */
  readonly source?: string;
  /** Of the route itself, where it has one. */
  readonly mtu?: number;
}

export interface DefaultRoute {
  readonly family: AddressFamily;
  readonly interface: string;
  readonly gateway?: string;
}

/** Rules of nftables and iptables that turn packets elsewhere, or mark them. */
export interface PacketRules {
  readonly rules: readonly PacketRule[];
  /** There may be more. */
  readonly unseen?: Unseen;
}

export interface PacketRule {
  readonly action: 'dnat' | 'redirect' | 'mark';
  /** Of a mark; absent when it cannot be told. */
  readonly mark?: number;
  /**
   * Of a mark: link-layer addresses (`@NAME`: those of a set) whose packets do not get it, by the
   * rule itself or by one before it in its chain.
   */
  readonly spared?: readonly string[];
  /** Addresses, prefixes (`10.0.0.0/8`) and ranges (`10.0.0.1-10.0.0.9`); absent: any. */
  readonly destinations?: readonly string[];
  /** `tcp`, `udp`; absent: any. */
  readonly protocol?: string;
  /** First and last; absent: any. */
  readonly ports?: readonly (readonly [number, number])[];
  /** False when it has conditions besides these. */
  readonly whole: boolean;
  /** The rule for people, with its place: `ip nat prerouting: tcp dport 80 redirect to :8080`. */
  readonly text: string;
  /** The command that removes it. */
  readonly removal: string;
}

/** Another program that keeps IPVS tables, or another daemon of ours. */
export interface Manager {
  readonly program: 'keepalived' | 'ldirectord' | 'ipvsd';
  readonly pid: number;
  /** Its file. */
  readonly config: string;
  /** Its virtual servers, as of `virtualKey`. */
  readonly services: Looked<readonly string[]>;
  /** Of a keepalived that has addresses by VRRP, too: the options that it runs with. */
  readonly vrrp?: readonly string[];
}

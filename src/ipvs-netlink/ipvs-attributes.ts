import type { AttributeTable, AttributeValues } from './attribute.ts';
import {
  be16,
  fixedBytes,
  maskedFlags,
  nested,
  text,
  u8,
  u16,
  u32,
  u32AsBigint,
  u64,
} from './attribute-types.ts';

/*
 * The attributes of include/uapi/linux/ip_vs.h, one table per enum. Types follow the nla_policy
 * tables of net/netfilter/ipvs/ip_vs_ctl.c.
 */

/** union nf_inet_addr: 16 bytes, an IPv4 address in the first four. */
const inetAddress = fixedBytes(16);

/** IPVS_STATS_ATTR_* inside IPVS_*_ATTR_STATS64. IPVS_STATS_ATTR_PAD (11) carries nothing. */
const STATS64_ATTRIBUTES = {
  connections: { number: 1, name: 'IPVS_STATS_ATTR_CONNS', type: u64 },
  inPackets: { number: 2, name: 'IPVS_STATS_ATTR_INPKTS', type: u64 },
  outPackets: { number: 3, name: 'IPVS_STATS_ATTR_OUTPKTS', type: u64 },
  inBytes: { number: 4, name: 'IPVS_STATS_ATTR_INBYTES', type: u64 },
  outBytes: { number: 5, name: 'IPVS_STATS_ATTR_OUTBYTES', type: u64 },
  connectionsPerSecond: { number: 6, name: 'IPVS_STATS_ATTR_CPS', type: u64 },
  inPacketsPerSecond: { number: 7, name: 'IPVS_STATS_ATTR_INPPS', type: u64 },
  outPacketsPerSecond: { number: 8, name: 'IPVS_STATS_ATTR_OUTPPS', type: u64 },
  inBytesPerSecond: { number: 9, name: 'IPVS_STATS_ATTR_INBPS', type: u64 },
  outBytesPerSecond: { number: 10, name: 'IPVS_STATS_ATTR_OUTBPS', type: u64 },
} as const satisfies AttributeTable;

/** The same inside IPVS_*_ATTR_STATS, from before Linux 4.1: 32 bits but for the bytes. */
const STATS_ATTRIBUTES = {
  connections: { number: 1, name: 'IPVS_STATS_ATTR_CONNS', type: u32AsBigint },
  inPackets: { number: 2, name: 'IPVS_STATS_ATTR_INPKTS', type: u32AsBigint },
  outPackets: { number: 3, name: 'IPVS_STATS_ATTR_OUTPKTS', type: u32AsBigint },
  inBytes: { number: 4, name: 'IPVS_STATS_ATTR_INBYTES', type: u64 },
  outBytes: { number: 5, name: 'IPVS_STATS_ATTR_OUTBYTES', type: u64 },
  connectionsPerSecond: { number: 6, name: 'IPVS_STATS_ATTR_CPS', type: u32AsBigint },
  inPacketsPerSecond: { number: 7, name: 'IPVS_STATS_ATTR_INPPS', type: u32AsBigint },
  outPacketsPerSecond: { number: 8, name: 'IPVS_STATS_ATTR_OUTPPS', type: u32AsBigint },
  inBytesPerSecond: { number: 9, name: 'IPVS_STATS_ATTR_INBPS', type: u32AsBigint },
  outBytesPerSecond: { number: 10, name: 'IPVS_STATS_ATTR_OUTBPS', type: u32AsBigint },
} as const satisfies AttributeTable;

/** IPVS_SVC_ATTR_*. The netmask is __be32 for IPv4 and a host-order prefix length for IPv6. */
export const SERVICE_ATTRIBUTES = {
  family: { number: 1, name: 'IPVS_SVC_ATTR_AF', type: u16 },
  protocol: { number: 2, name: 'IPVS_SVC_ATTR_PROTOCOL', type: u16 },
  address: { number: 3, name: 'IPVS_SVC_ATTR_ADDR', type: inetAddress },
  port: { number: 4, name: 'IPVS_SVC_ATTR_PORT', type: be16 },
  fwmark: { number: 5, name: 'IPVS_SVC_ATTR_FWMARK', type: u32 },
  scheduler: { number: 6, name: 'IPVS_SVC_ATTR_SCHED_NAME', type: text(15) },
  flags: { number: 7, name: 'IPVS_SVC_ATTR_FLAGS', type: maskedFlags },
  timeoutS: { number: 8, name: 'IPVS_SVC_ATTR_TIMEOUT', type: u32 },
  netmask: { number: 9, name: 'IPVS_SVC_ATTR_NETMASK', type: fixedBytes(4) },
  stats: { number: 10, name: 'IPVS_SVC_ATTR_STATS', type: nested(STATS_ATTRIBUTES) },
  persistenceEngine: { number: 11, name: 'IPVS_SVC_ATTR_PE_NAME', type: text(16) },
  stats64: { number: 12, name: 'IPVS_SVC_ATTR_STATS64', type: nested(STATS64_ATTRIBUTES) },
} as const satisfies AttributeTable;

/** IPVS_DEST_ATTR_* */
export const DESTINATION_ATTRIBUTES = {
  address: { number: 1, name: 'IPVS_DEST_ATTR_ADDR', type: inetAddress },
  port: { number: 2, name: 'IPVS_DEST_ATTR_PORT', type: be16 },
  forwarding: { number: 3, name: 'IPVS_DEST_ATTR_FWD_METHOD', type: u32 },
  weight: { number: 4, name: 'IPVS_DEST_ATTR_WEIGHT', type: u32 },
  upperThreshold: { number: 5, name: 'IPVS_DEST_ATTR_U_THRESH', type: u32 },
  lowerThreshold: { number: 6, name: 'IPVS_DEST_ATTR_L_THRESH', type: u32 },
  activeConnections: { number: 7, name: 'IPVS_DEST_ATTR_ACTIVE_CONNS', type: u32 },
  inactiveConnections: { number: 8, name: 'IPVS_DEST_ATTR_INACT_CONNS', type: u32 },
  persistentConnections: { number: 9, name: 'IPVS_DEST_ATTR_PERSIST_CONNS', type: u32 },
  stats: { number: 10, name: 'IPVS_DEST_ATTR_STATS', type: nested(STATS_ATTRIBUTES) },
  family: { number: 11, name: 'IPVS_DEST_ATTR_ADDR_FAMILY', type: u16 },
  stats64: { number: 12, name: 'IPVS_DEST_ATTR_STATS64', type: nested(STATS64_ATTRIBUTES) },
  tunnelType: { number: 13, name: 'IPVS_DEST_ATTR_TUN_TYPE', type: u8 },
  tunnelPort: { number: 14, name: 'IPVS_DEST_ATTR_TUN_PORT', type: be16 },
  tunnelFlags: { number: 15, name: 'IPVS_DEST_ATTR_TUN_FLAGS', type: u16 },
} as const satisfies AttributeTable;

/** IPVS_DAEMON_ATTR_*. The IPv4 group is __be32, the multicast port host order. */
export const DAEMON_ATTRIBUTES = {
  state: { number: 1, name: 'IPVS_DAEMON_ATTR_STATE', type: u32 },
  interface: { number: 2, name: 'IPVS_DAEMON_ATTR_MCAST_IFN', type: text(15) },
  syncId: { number: 3, name: 'IPVS_DAEMON_ATTR_SYNC_ID', type: u32 },
  maxLength: { number: 4, name: 'IPVS_DAEMON_ATTR_SYNC_MAXLEN', type: u16 },
  group4: { number: 5, name: 'IPVS_DAEMON_ATTR_MCAST_GROUP', type: fixedBytes(4) },
  group6: { number: 6, name: 'IPVS_DAEMON_ATTR_MCAST_GROUP6', type: fixedBytes(16) },
  port: { number: 7, name: 'IPVS_DAEMON_ATTR_MCAST_PORT', type: u16 },
  ttl: { number: 8, name: 'IPVS_DAEMON_ATTR_MCAST_TTL', type: u8 },
} as const satisfies AttributeTable;

/** IPVS_INFO_ATTR_*, which stand where IPVS_CMD_ATTR_* stand otherwise. */
export const INFO_ATTRIBUTES = {
  version: { number: 1, name: 'IPVS_INFO_ATTR_VERSION', type: u32 },
  connectionTableSize: { number: 2, name: 'IPVS_INFO_ATTR_CONN_TAB_SIZE', type: u32 },
} as const satisfies AttributeTable;

/** IPVS_CMD_ATTR_*: the first level of every command but the answer to IPVS_CMD_GET_INFO. */
export const COMMAND_ATTRIBUTES = {
  service: { number: 1, name: 'IPVS_CMD_ATTR_SERVICE', type: nested(SERVICE_ATTRIBUTES) },
  destination: { number: 2, name: 'IPVS_CMD_ATTR_DEST', type: nested(DESTINATION_ATTRIBUTES) },
  daemon: { number: 3, name: 'IPVS_CMD_ATTR_DAEMON', type: nested(DAEMON_ATTRIBUTES) },
  timeoutTcpS: { number: 4, name: 'IPVS_CMD_ATTR_TIMEOUT_TCP', type: u32 },
  timeoutTcpFinS: { number: 5, name: 'IPVS_CMD_ATTR_TIMEOUT_TCP_FIN', type: u32 },
  timeoutUdpS: { number: 6, name: 'IPVS_CMD_ATTR_TIMEOUT_UDP', type: u32 },
} as const satisfies AttributeTable;

export type ServiceValues = AttributeValues<typeof SERVICE_ATTRIBUTES>;
export type DestinationValues = AttributeValues<typeof DESTINATION_ATTRIBUTES>;
export type DaemonValues = AttributeValues<typeof DAEMON_ATTRIBUTES>;
export type CommandValues = AttributeValues<typeof COMMAND_ATTRIBUTES>;
export type StatsValues = AttributeValues<typeof STATS64_ATTRIBUTES>;

/** IPVS_CMD_* */
export const COMMAND = {
  newService: 1,
  setService: 2,
  deleteService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  deleteDestination: 7,
  getDestination: 8,
  newDaemon: 9,
  deleteDaemon: 10,
  getDaemon: 11,
  setConfig: 12,
  getConfig: 13,
  setInfo: 14,
  getInfo: 15,
  zero: 16,
  flush: 17,
} as const;

/**
 * IPVS over netlink, without ipvsadm: `IpvsClient.open()`, then `table()` and `apply()`.
 * This is what `ipvsd/ipvs-netlink` exports.
 */
export { IpvsClient, type IpvsClientOptions } from './client.ts';
export type { Info, Timeouts } from './config.ts';
export type { SyncDaemon, SyncDaemonRole } from './daemon.ts';
export type { ServiceSummary } from './dump-table.ts';
export { NetlinkError } from './errors.ts';
export { destinationKey, serviceKey } from './keys.ts';
export type {
  AddressFamily,
  AddressServiceId,
  Destination,
  DestinationEntry,
  DestinationId,
  ForwardingMethod,
  FwmarkServiceId,
  Operation,
  OperationOutcome,
  Service,
  ServiceEntry,
  ServiceId,
  Stats,
  Table,
  TableService,
  TransportProtocol,
  Tunnel,
  TunnelChecksum,
} from './model.ts';
export {
  type NetlinkSocket,
  type OpenSocket,
  openGenericSocket,
  type SocketEvents,
} from './socket.ts';

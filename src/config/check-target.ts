import type { Endpoint } from './endpoint.ts';

/** What a check connects to. */
export interface CheckTarget extends Endpoint {
  /** Own address that the check goes out from (checkfrom); absent: as the routes say. */
  readonly from?: string;
}

/** How a check over TLS deals with certificates. */
export interface TlsSettings {
  /** `ca` verifies the chain, `full` the name as well. */
  readonly verify: 'none' | 'ca' | 'full';
  /** Server name indication, and the name that `full` wants to see; "" for none. */
  readonly sni: string;
  /** Certificate authorities to trust, instead of the machine's. */
  readonly caFile?: string;
  /** Certificate and key to show to the server; both or none. */
  readonly clientCert?: string;
  readonly clientKey?: string;
  /** Days before the end of the server's certificate when a warning begins; 0: no warning. */
  readonly certWarnDays: number;
}

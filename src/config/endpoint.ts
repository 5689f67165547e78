export type AddressFamily = 'inet' | 'inet6';

export type TransportProtocol = 'tcp' | 'udp' | 'sctp';

export interface Endpoint {
  readonly family: AddressFamily;
  /** Canonical text without brackets: dotted quad or RFC 5952. */
  readonly address: string;
  readonly port: number;
}

import type { BlockCheck } from './block-checks.ts';
import type { CheckTarget, TlsSettings } from './check-target.ts';
import type { AddressFamily } from './endpoint.ts';

/** The services that `service=` accepts. */
export const negotiateServices = [
  'dns',
  'ftp',
  'http',
  'https',
  'http_proxy',
  'imap',
  'imaps',
  'ldap',
  'ldaps',
  'mysql',
  'nntp',
  'none',
  'oracle',
  'pgsql',
  'pop',
  'pops',
  'radius',
  'simpletcp',
  'sip',
  'smtp',
  'submission',
] as const;

export type NegotiateService = (typeof negotiateServices)[number];

/**
 * A check, complete: everything that decides its outcome and nothing else, so that two equal
 * definitions need to run only once. Plain data; `checkKey` of checks/check.ts compares them.
 */
export type CheckDefinition =
  | { readonly type: 'on' }
  | { readonly type: 'off' }
  | PingCheck
  | ConnectCheck
  | NegotiateCheck
  | CombinedCheck
  | ExternalCheck
  | BlockCheck;

export interface PingCheck {
  readonly type: 'ping';
  readonly family: AddressFamily;
  readonly address: string;
  readonly from?: string;
  /** Echo requests sent before the server counts as down (checkcount). */
  readonly attempts: number;
  /** Time for each attempt. */
  readonly timeoutMs: number;
}

export interface ConnectCheck {
  readonly type: 'connect';
  readonly target: CheckTarget;
  /**
   * Present where a MySQL server listens, which counts it as an error when a connection ends without
   * a login: the user to log in as without a password, "" for nobody.
   */
  readonly mysqlLogin?: string;
  /** Present where a TLS handshake must succeed as well; not together with `mysqlLogin`. */
  readonly tls?: TlsSettings;
  readonly timeoutMs: number;
}

export interface NegotiateCheck {
  readonly type: 'negotiate';
  readonly service: NegotiateService;
  readonly protocol: 'tcp' | 'udp';
  readonly target: CheckTarget;
  /** As written, with the leading "/" that ldirectord adds. */
  readonly request: string;
  /** Source of a regular expression, "" for none. */
  readonly receive: string;
  readonly httpMethod: 'GET' | 'HEAD';
  /** Host header without port; "" means the server's own address. */
  readonly virtualhost: string;
  readonly login: string;
  readonly passwd: string;
  readonly database: string;
  readonly secret: string;
  /** Present for https, imaps, pops and ldaps. */
  readonly tls?: TlsSettings;
  /** Hard deadline of the whole check. */
  readonly timeoutMs: number;
}

/** checktype=N: a negotiate, then N connects, then a negotiate again. */
export interface CombinedCheck {
  readonly type: 'combined';
  readonly connects: number;
  readonly connect: ConnectCheck;
  readonly negotiate: NegotiateCheck;
}

export interface ExternalCheck {
  readonly type: 'external' | 'external-perl';
  readonly command: string;
  /** VIP or mark, VP (0 for marks), RIP, RP; IPv6 in brackets. */
  readonly args: readonly [string, string, string, string];
  readonly timeoutMs: number;
}

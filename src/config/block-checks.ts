import type { CheckTarget, TlsSettings } from './check-target.ts';

/**
 * The checks that `check=` blocks describe, besides those that `checktype=` has. Each is complete,
 * as CheckDefinition of check-model.ts asks for; all of them are plain data.
 */
export type BlockCheck =
  | HttpGetCheck
  | SmtpHelloCheck
  | DnsQueryCheck
  | UdpCheck
  | MiscCheck
  | FileCheck
  | DialogueCheck
  | AgentCheck;

/** GET requests whose answers are judged by status, digest and pattern, as keepalived judges them. */
export interface HttpGetCheck {
  readonly type: 'http-get';
  readonly target: CheckTarget;
  /** `1.0C` asks for the end of the connection in a HTTP/1.0 request. */
  readonly protocol: '1.0' | '1.0C' | '1.1';
  /** One request each, in this order; all must pass. */
  readonly urls: readonly HttpUrl[];
  /** Present over TLS. */
  readonly tls?: TlsSettings;
  /** Hard deadline of all requests together. */
  readonly timeoutMs: number;
}

export interface HttpUrl {
  /** Starts with "/". */
  readonly path: string;
  /** Host header as sent, verbatim; "" means the target's address and port. */
  readonly host: string;
  /** Closed ranges of good status codes; [[200, 299]] if the file names none. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly digest?: BodyDigest;
  /** Source of a regular expression that the body must match, or must not (`regexNoMatch`). */
  readonly regex: string;
  readonly regexNoMatch: boolean;
}

export interface BodyDigest {
  readonly algorithm: 'md5' | 'sha256';
  /** Lower-case hex. */
  readonly hex: string;
}

/** Banner, HELO, QUIT. */
export interface SmtpHelloCheck {
  readonly type: 'smtp-hello';
  readonly target: CheckTarget;
  readonly heloName: string;
  readonly timeoutMs: number;
}

export const dnsQueryTypes = [
  'A',
  'NS',
  'CNAME',
  'SOA',
  'MX',
  'TXT',
  'AAAA',
  'RRSIG',
  'DNSKEY',
] as const;

export type DnsQueryType = (typeof dnsQueryTypes)[number];

/** Up when the server answers the question without an error code; answers are not looked at. */
export interface DnsQueryCheck {
  readonly type: 'dns-query';
  readonly target: CheckTarget;
  readonly queryType: DnsQueryType;
  /** "." for the root. */
  readonly name: string;
  readonly timeoutMs: number;
}

/** One datagram out; silence is good unless a reply is required. */
export interface UdpCheck {
  readonly type: 'udp';
  readonly target: CheckTarget;
  /** Hex digits, two a byte. */
  readonly payload: string;
  /** Present where a reply is required; "" for any. */
  readonly reply?: UdpReply;
  readonly timeoutMs: number;
}

export interface UdpReply {
  /** Hex digits, "x" for any nibble; the reply must begin so. "" for any reply. */
  readonly pattern: string;
  /** Bytes. */
  readonly minLength: number;
  readonly maxLength: number;
}

/** A command whose exit code tells; with `dynamic`, codes 2 to 255 give a weight of code - 2. */
export interface MiscCheck {
  readonly type: 'misc';
  /** A command line for `commandWords`. */
  readonly command: string;
  readonly dynamic: boolean;
  /** Names as in passwd(5) and group(5); absent: as the daemon runs. */
  readonly user?: string;
  readonly group?: string;
  readonly timeoutMs: number;
}

/** A file with a whole number, followed by inotify. */
export interface FileCheck {
  readonly type: 'file';
  readonly path: string;
  /** 0: any number but 0 is down; else this many times the number is added to the weight. */
  readonly weight: number;
  readonly timeoutMs: number;
}

/** Send and expect, as the file lists them. */
export interface DialogueCheck {
  readonly type: 'dialogue';
  readonly transport: 'tcp' | 'udp';
  readonly target: CheckTarget;
  /** Present over TLS. */
  readonly tls?: TlsSettings;
  readonly steps: readonly DialogueStep[];
  readonly timeoutMs: number;
}

export type DialogueStep =
  /** Each character one byte. */
  | { readonly send: string }
  /** Source of a regular expression over what has come since the last expect, a byte a character. */
  | { readonly expect: string };

/** HAProxy's agent-check: connect, perhaps send a line, read a line of words. */
export interface AgentCheck {
  readonly type: 'agent';
  readonly target: CheckTarget;
  /** Sent after connecting, each character one byte; "" for nothing. */
  readonly send: string;
  readonly timeoutMs: number;
}

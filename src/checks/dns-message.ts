import { randomInt } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { type Answer, decode, encode, RECURSION_DESIRED, type RecordType } from 'dns-packet';
import { ipv6Digits } from './ipv6-digits.ts';

/** What is asked of a name server. */
export interface DnsQuestion {
  readonly id: number;
  readonly type: 'A' | 'PTR';
  readonly name: string;
  /** The query as it goes out (RFC 1035, 4.1). */
  readonly message: Buffer;
}

/** The header of a message (RFC 1035, 4.1.1), as far as it is of interest. */
export interface DnsHeader {
  readonly id: number;
  readonly isResponse: boolean;
  /** `NOERROR`, `NXDOMAIN`, ...; a number where there is no name. */
  readonly code: string;
}

/** What a name server has said to it. */
export interface DnsReply {
  /** `NOERROR`, `NXDOMAIN`, ...; a number where there is no name. */
  readonly code: string;
  readonly truncated: boolean;
  /** The addresses or names that answer it, of its own type only. */
  readonly values: readonly string[];
}

/** RFC 1035, 4.1.1, and RFC 2136, 2.2. */
const responseCodes = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/**
 * The question for a name, or for the name of an address. Names are taken as they are: no search
 * list is appended.
 *
 * @throws Error when it is no name.
 */
export function dnsQuestion(subject: string): DnsQuestion {
  const name = reverseName(subject) ?? subject.replace(/\.$/, '');
  if (!isName(name)) throw new Error(`request: expected a host name or address, got "${subject}"`);
  const type = name === subject.replace(/\.$/, '') ? 'A' : 'PTR';
  return { type, name, ...query(type, name) };
}

/**
 * A query for any type of record.
 *
 * @param name as it is; "." for the root.
 * @throws Error when it is no name.
 */
export function dnsQuery(type: RecordType, name: string): Pick<DnsQuestion, 'id' | 'message'> {
  const plain = name.replace(/\.$/, '');
  if (name !== '.' && !isName(plain)) throw new Error(`name: expected a host name, got "${name}"`);
  return query(type, plain);
}

/** @returns undefined when the bytes are too few for a header. */
export function dnsHeader(bytes: Buffer): DnsHeader | undefined {
  if (bytes.length < 12) return undefined;
  const flags = bytes.readUInt16BE(2);
  return {
    id: bytes.readUInt16BE(0),
    isResponse: (flags & 0x8000) !== 0,
    code: codeName(flags & 0xf),
  };
}

/** @returns undefined when the bytes are no answer to that question. */
export function dnsReply(question: DnsQuestion, bytes: Buffer): DnsReply | undefined {
  const packet = decodeIfPossible(bytes);
  if (packet === undefined || packet.type !== 'response' || packet.id !== question.id) {
    return undefined;
  }
  // A server that cannot read the question may leave it out.
  const [asked] = packet.questions ?? [];
  if (asked !== undefined && !isSame(asked, question)) return undefined;
  return {
    code: codeName((packet.flags ?? 0) & 0xf),
    truncated: packet.flag_tc,
    values: (packet.answers ?? []).flatMap((answer) => answerValues(answer, question.type)),
  };
}

function query(type: RecordType, name: string): Pick<DnsQuestion, 'id' | 'message'> {
  const id = randomInt(0x10000);
  const questions = [{ type, name }];
  return { id, message: encode({ type: 'query', id, flags: RECURSION_DESIRED, questions }) };
}

function codeName(code: number): string {
  return responseCodes[code] ?? String(code);
}

/** A server sends what it likes, and the decoder throws at what it cannot read. */
function decodeIfPossible(bytes: Buffer) {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

function isSame(
  asked: { readonly type: RecordType; readonly name: string },
  { type, name }: DnsQuestion,
): boolean {
  return asked.type === type && asked.name.toLowerCase() === name.toLowerCase();
}

function answerValues(answer: Answer, type: 'A' | 'PTR'): readonly string[] {
  if (answer.type !== type || typeof answer.data !== 'string') return [];
  return [answer.data];
}

/** RFC 1035, 3.5, and RFC 3596, 2.5; undefined for what is no address. */
function reverseName(subject: string): string | undefined {
  if (isIPv4(subject)) return `${subject.split('.').reverse().join('.')}.in-addr.arpa`;
  if (!isIPv6(subject)) return undefined;
  return `${Array.from(ipv6Digits(subject)).reverse().join('.')}.ip6.arpa`;
}

/** Labels of 1 to 63 bytes, 255 with their lengths (RFC 1035, 2.3.4). */
function isName(name: string): boolean {
  const labels = name.split('.');
  return (
    Buffer.byteLength(name) <= 253 &&
    labels.every((label) => label !== '' && Buffer.byteLength(label) <= 63)
  );
}

import { z } from 'zod';
import type { BodyDigest } from '../../block-checks.ts';
import { quotedOrBare } from './text.ts';
import { got, schemaType, type ValueType } from './value-type.ts';

/** The path of a page or of a file. */
export function absolutePath(): ValueType<string> {
  const expects = 'a path that begins with "/"';
  const type = quotedOrBare(expects);
  return {
    ...type,
    read(text, report) {
      const path = type.read(text, report);
      if (path === undefined || path.startsWith('/')) return path;
      report.error('value', `expected ${expects}, ${got(path)}`);
      return undefined;
    },
  };
}

/** A name for the Host header or for TLS, as it stands; `""` for none. */
export function hostHeader(): ValueType<string> {
  const type = quotedOrBare('a host name');
  return { ...type, read: (text, report) => (text === '""' ? '' : type.read(text, report)) };
}

/** The length tells the algorithm: MD5 has 16 bytes, SHA-256 has 32. */
export function bodyDigest(): ValueType<BodyDigest> {
  const expects = '32 hex digits (MD5) or 64 (SHA-256)';
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const isHex = /^[\da-f]+$/i.test(text);
      if (isHex && text.length === 32) return { algorithm: 'md5', hex: text.toLowerCase() };
      if (isHex && text.length === 64) return { algorithm: 'sha256', hex: text.toLowerCase() };
      const length = isHex ? `, which has ${text.length}` : '';
      report.error('value', `expected ${expects}, ${got(text)}${length}`);
      return undefined;
    },
  };
}

/** `200 301-302`: closed ranges. */
export function statusRanges(): ValueType<readonly (readonly [number, number])[]> {
  const expects = 'status codes 100..599 and ranges A-B of them, with blanks between';
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const ranges: (readonly [number, number])[] = [];
      for (const match of text.matchAll(/\S+/g)) {
        const range = statusRange(match[0]);
        if (range === undefined) {
          const at = { start: match.index, end: match.index + match[0].length };
          report.error('value', `expected ${expects}, got "${match[0]}"`, at);
          return undefined;
        }
        ranges.push(range);
      }
      if (ranges.length > 0) return ranges;
      report.error('value', `expected ${expects}, got nothing`);
      return undefined;
    },
  };
}

function statusRange(word: string): readonly [number, number] | undefined {
  const [, first = '', last = first] = /^(\d{3})(?:-(\d{3}))?$/.exec(word) ?? [];
  const range = [Number(first), Number(last)] as const;
  return range[0] >= 100 && range[0] <= range[1] && range[1] <= 599 ? range : undefined;
}

/** Bytes in a datagram over IPv4: 65535 without the headers of RFC 791 and RFC 768. */
const mostPayload = 65_507;

/** `0a 1b2c`: two digits a byte, blanks anywhere between bytes. */
export function hexBytes(): ValueType<string> {
  const schema = z
    .string()
    .regex(/^([\da-f]{2}\s*)+$/i)
    .transform(compact)
    .pipe(z.string().max(2 * mostPayload));
  return schemaType(schema, `hex digits, two for each byte, at most ${mostPayload} bytes`);
}

/** As `hexBytes`, with `x` for any digit. */
export function replyPattern(): ValueType<string> {
  const schema = z
    .string()
    .regex(/^([\da-fx]{2}\s*)+$/i)
    .transform(compact);
  return schemaType(schema, 'hex digits, two for each byte, x for any digit');
}

function compact(text: string): string {
  return text.replaceAll(/\s/g, '').toLowerCase();
}

/** A name as DNS has them (RFC 1035, 2.3.4), "." for the root. */
export function domainName(): ValueType<string> {
  const schema = z
    .string()
    .transform((text) => text.replace(/^"(.*)"$/, '$1'))
    .refine(isDomainName);
  return schemaType(schema, 'a domain name');
}

function isDomainName(text: string): boolean {
  if (text === '.') return true;
  const labels = text.replace(/\.$/, '').split('.');
  return text.length <= 254 && labels.every((label) => /^[\w-]{1,63}$/.test(label));
}

/** `USER [GROUP]` */
export function userAndGroup(): ValueType<{ readonly user: string; readonly group?: string }> {
  const schema = z
    .string()
    .transform((text) => text.replace(/^"(.*)"$/, '$1'))
    .pipe(z.string().regex(/^[\w.-]+\$?(\s+[\w.-]+\$?)?$/))
    .transform((text) => {
      const [user = '', group] = text.split(/\s+/);
      return { user, ...(group !== undefined && { group }) };
    });
  return schemaType(schema, 'the name of a user, and of a group if it is not that of the user');
}

const maxOffset = 2_147_483_647;

/** What a number is multiplied by. */
export function wholeOffset(): ValueType<number> {
  const schema = z
    .string()
    .regex(/^-?\d{1,10}$/)
    .transform(Number)
    .pipe(z.number().min(-maxOffset).max(maxOffset));
  return schemaType(schema, `a whole number -${maxOffset}..${maxOffset}`);
}

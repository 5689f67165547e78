import { z } from 'zod';
import type { TransportProtocol } from '../../endpoint.ts';
import type { AlertStatus } from '../../model.ts';
import { didYouMean } from '../../nearest.ts';
import { oneOf, stripQuotes } from './scalars.ts';
import { digits, got, schemaType, type ValueType } from './value-type.ts';

/** The words of `checktype`. */
export const plainCheckTypes = [
  'connect',
  'negotiate',
  'ping',
  'off',
  'on',
  'external',
  'external-perl',
] as const;

/** `combined` is a number in the file: so many connects between two negotiates. */
export type CheckTypeWord =
  | (typeof plainCheckTypes)[number]
  | { readonly kind: 'combined'; readonly connects: number };

/** `checktype`: a word, or the N of the combined mode. */
export function checkType(): ValueType<CheckTypeWord> {
  const expects = `one of ${plainCheckTypes.join(', ')}, or a number`;
  const number = digits(0, 1_000_000);
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const word = stripQuotes(text, report);
      const plain = plainCheckTypes.find((type) => type === word);
      if (plain !== undefined) return plain;
      const connects = number.safeParse(word);
      if (connects.success) return { kind: 'combined', connects: connects.data };
      report.error(
        'value',
        `expected ${expects}, ${got(word)}${didYouMean(word, plainCheckTypes)}`,
      );
      return undefined;
    },
  };
}

/** Schedulers of the kernel (net/netfilter/ipvs/Kconfig). */
const schedulers = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'fo',
  'ovf',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'mh',
  'sed',
  'nq',
  'twos',
];

/** `scheduler`: lower-case letters; a word that is no scheduler of today's kernels is doubted. */
export function schedulerName(): ValueType<string> {
  const expects = 'the name of a scheduler in lower-case letters (a-z)';
  const schema = z.string().regex(/^[a-z]+$/);
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const word = stripQuotes(text, report);
      if (!schema.safeParse(word).success) {
        report.error('value', `expected ${expects}, ${got(word)}`);
        return undefined;
      }
      if (!schedulers.includes(word)) {
        const near = didYouMean(word, schedulers);
        report.warn('scheduler', `"${word}" is no scheduler of the Linux kernel${near}`);
      }
      return word;
    },
  };
}

/** A dotted quad, or a prefix length 1..128; which of them fits, the virtual's family decides. */
export function netmask(): ValueType<string> {
  const prefixLength = z.string().regex(/^([1-9]|[1-9]\d|1[01]\d|12[0-8])$/);
  return schemaType(
    z.union([z.ipv4(), prefixLength]),
    'a dotted quad, or for IPv6 a prefix length 1..128',
  );
}

const alertStatuses: readonly AlertStatus[] = ['starting', 'running', 'stopping', 'reloading'];

/** `emailalertstatus`: words of the daemon's states, or `all`, or `none` alone. */
export function alertStatusList(): ValueType<readonly AlertStatus[]> {
  const words = ['all', 'none', 'starting', 'running', 'stopping', 'reloading'] as const;
  const schema = z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(words)))
    .refine((list) => !list.includes('none') || list.length === 1, {
      message: '"none" stands alone',
    })
    .transform((list) =>
      alertStatuses.filter((status) => list.includes('all') || list.includes(status)),
    );
  return schemaType(schema, `a comma-separated list of ${words.join(', ')}`);
}

/** `emailalert`: addresses with commas between them. */
export function recipients(): ValueType<readonly string[]> {
  const schema = z
    .string()
    .transform((text) =>
      text
        .replace(/^"(.*)"$/s, '$1')
        .split(',')
        .map((address) => address.trim())
        .filter((address) => address !== ''),
    )
    .pipe(z.array(z.string().regex(/^\S+$/)).min(1));
  return schemaType(schema, 'mail addresses with commas between them', 'kept');
}

/** `smtp`: name or address of a host, with or without a port; an IPv6 address in brackets. */
export function mailServer(): ValueType<string> {
  const schema = z.string().regex(/^([\w.+-]+|\[[\da-fA-F:.]+\])(:[1-9]\d{0,4})?$/);
  return schemaType(schema, 'a host name or an address, and :PORT if it is not 25');
}

/** `protocol`: a transport, or `fwm` for a firewall mark. */
export function protocolWord(): ValueType<TransportProtocol | 'fwm'> {
  const word = oneOf(['tcp', 'udp', 'sctp', 'fwm']);
  return {
    ...word,
    read(text, report) {
      const protocol = word.read(text, report);
      if (protocol === 'sctp') report.foreign('own', '"sctp" is not known to ldirectord');
      return protocol;
    },
  };
}

/** The name of a persistence engine: the kernel has `sip` (net/netfilter/ipvs/ip_vs_pe_sip.c). */
export function engineName(): ValueType<string> {
  const expects = 'the name of a persistence engine, at most 16 letters';
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      if (!/^[a-z][\w-]{0,15}$/.test(text)) {
        report.error('value', `expected ${expects}, ${got(text)}`);
        return undefined;
      }
      if (text !== 'sip') {
        report.warn(
          'engine',
          `"${text}" is no persistence engine of the Linux kernel, which has sip`,
        );
      }
      return text;
    },
  };
}

/** A type of check, or the name that a `definecheck` gives to one. */
export function checkName(expects: string): ValueType<string> {
  return schemaType(z.string().regex(/^[A-Za-z][\w.-]*$/), expects);
}

/** `httpmethod`: in any case. */
export function httpMethod(): ValueType<'GET' | 'HEAD'> {
  const word = oneOf(['GET', 'HEAD']);
  const known = /^"?(get|head)"?$/i;
  return {
    ...word,
    read: (text, report) => word.read(known.test(text) ? text.toUpperCase() : text, report),
  };
}

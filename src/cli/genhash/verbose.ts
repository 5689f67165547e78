import type { AnswerSink } from '../../checks/http-get/answer-reader.ts';
import type { GenhashIo } from './io.ts';

/**
 * The verbose output of keepalived's genhash, byte for byte, written as an answer comes: the header
 * as numbers and as text, then the body, each read by itself.
 */
export function verboseSink(io: GenhashIo): AnswerSink {
  const write = (bytes: Buffer | string): void => io.out(bytes);
  return {
    headerRead: () => write(banner('   HTTP Header Buffer   ')),
    header: (bytes, bodyFollows) => {
      write(dump(bytes));
      write(banner('HTTP Header Ascii Buffer'));
      // printed as a C string there, which ends at the first NUL
      const end = bytes.indexOf(0);
      write(end < 0 ? bytes : bytes.subarray(0, end));
      write('\n');
      if (bodyFollows) write(banner('       HTML Buffer       '));
    },
    body: (bytes) => write(dump(bytes)),
    room: () => io.room?.(),
  };
}

/** The end of it: the digest as bytes, and as the text that is the result, if there is one. */
export function verboseDigest(digest: string, result: string): string {
  return [
    '\n',
    banner('   HTML hash resulting   '),
    dump(Buffer.from(digest, 'hex')),
    banner('HTML hash final resulting'),
    result === '' ? '' : `${result}\n`,
  ].join('');
}

/** How long it took, in microseconds. */
export function verboseTime(path: string, usecs: number): string {
  return `\nGlobal response time for [${path}] = ${usecs} usecs\n`;
}

function banner(title: string): string {
  const line = '-'.repeat(23);
  return `${line}[ ${title} ]${line}\n`;
}

const rowLength = 16;

/** Rows of 16 bytes, with the offset in decimal, which begins again after 65535. */
function dump(bytes: Buffer): string {
  const rows: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += rowLength) {
    rows.push(dumpRow(bytes.subarray(offset, offset + rowLength), offset));
  }
  return rows.join('');
}

function dumpRow(row: Buffer, offset: number): string {
  const cells = Array.from({ length: rowLength }, (_, i) => {
    const byte = row[i];
    const cell = byte === undefined ? '   ' : ` ${byte.toString(16).padStart(2, '0')}`;
    return i === 7 ? `${cell} -` : cell;
  });
  const text = row.toString('latin1').replace(/[^ -~]/g, '.');
  const at = String(offset % 65_536).padStart(4, '0');
  return `${at} ${cells.join('')}   ${text.padEnd(rowLength)}\n`;
}

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileCheck } from '../config/block-checks.ts';
import type { Check, CheckOutcome } from './check.ts';
import { errorCode, oneLine } from './reason.ts';

/** What a file gets to come (back) into being: who replaces it may remove or empty it first. */
const settleMs = 100;

/** More than any number needs. */
const longestText = 64;

/** Weights of the kernel and of keepalived are 32-bit numbers. */
const limit = 2 ** 31;

/**
 * The check of `check = file`, as FILE_CHECK of keepalived has it: the file holds a whole number.
 * With weight 0 any number but 0 is a failure. Otherwise the weight times the number is added to
 * the server's weight; a product of -2147483648 or less is a failure. A file that is missing, empty
 * or holds something else is a failure.
 */
export const checkFile: Check<FileCheck> = async ({ path, weight }, { signal }) => {
  let text = await textOf(path, signal);
  if (text === undefined || text.trim() === '') {
    await delay(settleMs, undefined, { signal });
    text = await textOf(path, signal);
  }
  if (text === undefined) return down(`file "${path}" does not exist`);
  if (text.trim() === '') return down(`file "${path}" is empty`);
  const number = numberIn(text);
  if (number === undefined) {
    const what = `a whole number ${1 - limit}..${limit - 1}`;
    return down(`file "${path}": expected ${what}, got "${oneLine(text)}"`);
  }
  return outcomeOf(number, weight);
};

/** @returns undefined when there is no such file. */
async function textOf(path: string, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  try {
    // O_NONBLOCK: to open a FIFO would otherwise wait for somebody to write to it (fifo(7)).
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new Error(`"${path}" is not a regular file`);
      // one more shows that there is more
      const room = Buffer.alloc(longestText + 1);
      const { buffer, bytesRead } = await file.read(room, 0, room.length, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** @returns undefined for what is not a number of 32 bits. */
function numberIn(text: string): number | undefined {
  if (text.length > longestText || !/^\s*[+-]?\d+\s*$/.test(text)) return undefined;
  const number = Number(text);
  return Math.abs(number) < limit ? number : undefined;
}

function outcomeOf(number: number, weight: number): CheckOutcome {
  const reason = `file says ${number}`;
  if (weight === 0) return { up: number === 0, reason };
  const offset = number * weight;
  if (offset <= -limit) return down(`${reason}, times ${weight}`);
  return { up: true, reason, effect: { kind: 'offset', offset: Math.min(offset, limit - 1) } };
}

function down(reason: string): CheckOutcome {
  return { up: false, reason };
}

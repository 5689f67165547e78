/** IP_VS_SVC_F_SCHED1..3 of include/uapi/linux/ip_vs.h, with the names that ipvsadm prints. */
const PLAIN_FLAGS = { 'flag-1': 0x08, 'flag-2': 0x10, 'flag-3': 0x20 } as const;

/** Schedulers that give bits a meaning of their own (IP_VS_SVC_F_SCHED_SH_*, _MH_*). */
const NAMED_FLAGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  sh: { 'sh-fallback': 0x08, 'sh-port': 0x10, 'flag-3': 0x20 },
  mh: { 'mh-fallback': 0x08, 'mh-port': 0x10, 'flag-3': 0x20 },
};

/**
 * The bit that a word of `ipvsadm -b` stands for under a scheduler. ipvsadm takes the plain names
 * `flag-1`, `flag-2` and `flag-3` under every scheduler.
 *
 * @returns undefined for a word that the scheduler does not have.
 */
export function schedulerFlagBit(scheduler: string, word: string): number | undefined {
  return lookUp(namesOf(scheduler), word) ?? lookUp(PLAIN_FLAGS, word);
}

/** The bits of several words, joined; words that the scheduler does not have are left out. */
export function schedulerFlagBits(scheduler: string, words: readonly string[]): number {
  return words.reduce((bits, word) => bits | (schedulerFlagBit(scheduler, word) ?? 0), 0);
}

/** The words for a service's bits in ipvsadm's order, lowest bit first. */
export function schedulerFlagWords(scheduler: string, bits: number): readonly string[] {
  return Object.entries(namesOf(scheduler)).flatMap(([word, bit]) => (bits & bit ? [word] : []));
}

function namesOf(scheduler: string): Readonly<Record<string, number>> {
  return lookUp(NAMED_FLAGS, scheduler) ?? PLAIN_FLAGS;
}

function lookUp<T>(names: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

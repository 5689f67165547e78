/** What follows `check=`: the types of checks that have blocks, each with what it cannot do without. */
export const checkWords = {
  tcp: {
    needs: [],
    sentence: 'Opens a TCP connection and closes it; with tls, the TLS handshake must succeed.',
  },
  http: {
    needs: ['path'],
    sentence:
      'Gets one or more pages, and looks at the status, digest and text of each; redirects are not followed.',
  },
  https: { needs: ['path'], sentence: 'As http, over TLS.' },
  smtp: { needs: [], sentence: 'Greeting, HELO and QUIT are answered as they should be.' },
  dns: {
    needs: [],
    sentence: 'A question over UDP is answered without an error code; answers are not looked at.',
  },
  udp: {
    needs: [],
    sentence:
      'Sends one datagram; silence is good unless a reply is required, an ICMP error is not.',
  },
  ping: { needs: [], sentence: 'One echo request is answered.' },
  misc: {
    needs: ['command'],
    sentence: 'Runs a command, without a shell; exit code 0 is up.',
  },
  file: {
    needs: ['path'],
    sentence:
      'Reads a whole number from a file whenever the file changes: 0 is up, or with weight it moves the weight of the server.',
  },
  dialogue: {
    needs: ['send', 'expect'],
    sentence: 'Sends texts and waits for others, as the lines of the block say.',
  },
  agent: {
    needs: ['port'],
    sentence:
      'Asks a program on the server for a line of words: a weight in percent, up, down, drain, maint, ready, stopped, fail.',
  },
} as const satisfies Readonly<
  Record<string, { readonly needs: readonly string[]; readonly sentence: string }>
>;

export type CheckWord = keyof typeof checkWords;

/** @returns undefined for a word that is no type of check. */
export function findCheckWord(word: string): CheckWord | undefined {
  return checkWordNames.find((known) => known === word);
}

export const checkWordNames: readonly CheckWord[] = [
  'tcp',
  'http',
  'https',
  'smtp',
  'dns',
  'udp',
  'ping',
  'misc',
  'file',
  'dialogue',
  'agent',
];

import type { RecordedTable } from '../differential/table.ts';

/** What becomes of the servers; the tables are compared after each step. */
export interface Step {
  readonly name: string;
  /** Last parts of the addresses of servers that are down. */
  readonly down: readonly number[];
}

/** The table of keepalived after a step. */
export interface RecordedStep extends RecordedTable {
  readonly step: string;
}

/** All servers that the files name. */
export const allServers: readonly number[] = [2, 3, 4, 5, 6, 7, 8, 9];

/** What each file is put through. */
export const steps: readonly Step[] = [
  { name: 'all up', down: [] },
  { name: '2 down', down: [2] },
  { name: 'all down', down: allServers },
  { name: 'all up again', down: [] },
];

/** A file of fixtures/keepalived that both programs run, side by side. */
export interface KeepalivedCase {
  readonly name: string;
  /** On purpose; the table of ipvsd is equal to that of keepalived if not given. */
  readonly differs?: Difference;
  /** Addresses that the hosts of both programs have besides. */
  readonly addresses?: readonly string[];
}

export interface Difference {
  readonly why: string;
  /** The table of ipvsd where keepalived has this one. */
  readonly ours: (theirs: RecordedStep) => RecordedTable;
}

/** Files that run at the same time, with the same servers. */
export interface KeepalivedGroup {
  /**
   * What "down" is: nothing that listens, and the kernel says so (`refusing`), or an address that is
   * not there (`gone`), which is all that a ping sees.
   */
  readonly how: 'refusing' | 'gone';
  readonly cases: readonly KeepalivedCase[];
}

const same = (...names: readonly string[]): readonly KeepalivedCase[] =>
  names.map((name) => ({ name }));

const fwmark: KeepalivedCase = {
  name: 'fwmark',
  differs: {
    why: 'has no one-packet scheduling of firewall marks',
    ours: ({ saved, thresholds }) => ({
      saved: saved.map((line) => line.replace(/ -o$/, '')),
      thresholds: thresholds.map((line) => line.replace(/ ops$/, '')),
    }),
  },
};

export const languageGroup: KeepalivedGroup = {
  how: 'refusing',
  cases: same(
    'basic-nat',
    'comments',
    'conditions',
    'definitions',
    'glued-braces',
    'includes',
    'sequences',
  ),
};

/** Of the same language, what keepalived makes of words that are missing, wrong, or too many. */
export const wordGroup: KeepalivedGroup = {
  how: 'refusing',
  cases: same(
    'defaults',
    'duplicates',
    'ignored-values',
    'no-protocol',
    'old-spellings',
    'order-traps',
    'stray-retry',
    'words-behind',
  ),
};

export const serviceGroup: KeepalivedGroup = {
  how: 'refusing',
  cases: [
    ...same(
      'direct-other-port',
      'groups',
      'groups-inet6',
      'inet6',
      'persistence',
      'persistence-engine',
      'scheduler-flags',
      'schedulers',
      'sctp',
      'thresholds',
      'tunnels',
    ),
    {
      name: 'vrrp',
      differs: {
        why: 'has no BFD',
        ours: (theirs) => withServers(theirs, { '10.9.0.2:80': 1 }),
      },
    },
    fwmark,
  ],
};

export const poolGroup: KeepalivedGroup = {
  how: 'refusing',
  cases: [
    ...same('inhibit', 'quorum', 'sorry-server', 'weights', 'mail', 'no-mail-server', 'rhythm'),
    { name: 'all-weights-zero' },
    {
      name: 'real-without-port',
      differs: {
        why: 'checks the port that the server has in the kernel, where keepalived checks port 0',
        ours: (theirs) =>
          withServers(
            theirs,
            theirs.step === 'all down'
              ? {}
              : theirs.step === '2 down'
                ? { '10.9.0.3:80': 1 }
                : { '10.9.0.2:80': 1, '10.9.0.3:80': 1 },
          ),
      },
    },
  ],
};

export const checkGroup: KeepalivedGroup = {
  how: 'refusing',
  cases: [
    ...same('dns-udp', 'misc', 'smtp', 'smtp-host'),
    {
      name: 'file-check',
      differs: {
        why: 'has no reversed weight of 0',
        ours: (theirs) =>
          withServers(
            theirs,
            theirs.step.startsWith('all up') ? { '10.9.0.2:80': 12, '10.9.0.3:80': 7 } : {},
          ),
      },
    },
  ],
};

export const webGroup: KeepalivedGroup = {
  how: 'refusing',
  cases: same(
    'every-check-keyword',
    'http',
    'http-regex',
    'regex-flags',
    'https',
    'several-checks',
  ),
};

/** Of some files again, with servers that are not there at all. */
export const goneGroup: KeepalivedGroup = {
  how: 'gone',
  cases: [
    fwmark,
    ...same(
      'basic-nat',
      'dns-udp',
      'http',
      'https',
      'no-protocol',
      'persistence-engine',
      'sctp',
      'several-checks',
      'smtp',
    ),
  ],
};

export const groups = {
  languageGroup,
  wordGroup,
  serviceGroup,
  poolGroup,
  checkGroup,
  webGroup,
  goneGroup,
} as const;

/** The table of a case with one service of TCP and NAT, with other servers and weights in it. */
function withServers(
  { saved: [service = ''], thresholds: [shown = ''] }: RecordedTable,
  weights: Readonly<Record<string, number>>,
): RecordedTable {
  const address = / -t (\S+)/.exec(service)?.[1];
  return {
    saved: [
      service,
      ...Object.entries(weights).map(
        ([key, weight]) => `-a -t ${address} -r ${key} -m -w ${weight}`,
      ),
    ],
    thresholds: [shown, ...Object.keys(weights).map((key) => ` -> ${key} 0 0 0 0`)],
  };
}

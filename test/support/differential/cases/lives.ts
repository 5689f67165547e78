import { changing, type DifferentialCase, failing, still } from '../differential-case.ts';

const others = ['-A -t 10.9.0.231:80 -s rr', '-a -t 10.9.0.231:80 -r 10.9.0.7:80 -g -w 1'];

/** What a daemon finds, is told, and leaves. */
export const lifeCases: readonly DifferentialCase[] = [
  {
    name: 'taken-over',
    before: [
      '-A -t 10.9.0.200:80 -s wrr -p 77',
      '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 7',
      '-a -t 10.9.0.200:80 -r 10.9.0.102:80 -g -w 0',
      '-a -t 10.9.0.200:80 -r 10.9.0.9:80 -g -w 2',
      '-A -t 10.9.0.201:80 -s wrr',
      '-a -t 10.9.0.201:80 -r 10.9.0.102:80 -g -w 5',
      '-A -f 77 -s wrr',
      ...others,
    ],
    steps: [
      { name: 'all up' },
      { name: '102 refusing', servers: { '102': 'refusing' } },
      { name: 'all up again' },
    ],
  },
  {
    name: 'off',
    before: ['-A -t 10.9.0.200:80 -s wrr', '-a -t 10.9.0.200:80 -r 10.9.0.101:80 -g -w 1'],
    steps: [{ name: 'started' }],
  },
  { ...changing('cleanstop', { '101': 'refusing' }), before: others },
  still('cleanstop-section'),
  still('cleanstop-other'),
  {
    name: 'reload',
    steps: [
      { name: 'old file' },
      { name: 'new file', file: 'reload.next.cf', hangUp: true },
      { name: '101 refusing', servers: { '101': 'refusing' } },
      { name: 'last file', file: 'reload.last.cf', hangUp: true },
    ],
  },
  {
    name: 'autoreload',
    steps: [
      { name: 'old file', checks: 4 },
      { name: 'new file', file: 'autoreload.next.cf' },
    ],
  },
  {
    name: 'ignored-change',
    steps: [
      { name: 'old file', checks: 4 },
      { name: 'new file', file: 'autoreload.next.cf' },
    ],
  },
  {
    name: 'maintenance',
    steps: [
      { name: 'no file', maintenance: [] },
      { name: 'an address', maintenance: ['10.9.0.101', '[fd00:9::102]'] },
      { name: 'an address and its port', maintenance: ['10.9.0.102:8080'] },
      { name: 'a name', maintenance: ['rs1.example.com', 'rs2:80'] },
      { name: 'none again', maintenance: [] },
    ],
  },
  failing('alerts'),
  failing('fork'),
  changing('execute', {}, { '101': 'refusing' }),
  changing('supervised', {}, { '101': 'refusing' }),
];

import { changing, type DifferentialCase, failing } from '../differential-case.ts';

/** What becomes of servers that fail and come back, whatever they are asked. */
export const healthCases: readonly DifferentialCase[] = [
  changing('web', {}, { '101': 'wrong' }, { '101': 'refusing', '102': 'wrong' }, {}),
  failing('fallback-returns'),
  failing('removed-by-default'),
  failing('quiescent'),
  failing('quiescent-section'),
  failing('quiescent-thresholds'),
  changing('readd-quiescent', { '101': 'refusing', '102': 'refusing' }, { '102': 'refusing' }, {}),
  changing('readd-removed', { '101': 'refusing', '102': 'refusing' }, { '102': 'refusing' }, {}),
  {
    name: 'failure-count',
    steps: [
      { name: 'all up' },
      { name: '101 refusing', servers: { '101': 'refusing' }, checks: 5 },
      { name: 'all up again' },
    ],
  },
  {
    name: 'combined',
    steps: [
      { name: 'all up', checks: 5 },
      { name: '101 wrong', servers: { '101': 'wrong' }, checks: 5 },
      { name: '102 refusing', servers: { '102': 'refusing' }, checks: 5 },
    ],
  },
  changing('connect', {}, { '101': 'wrong', '102': 'refusing' }, { '101': 'refusing' }),
  changing('ping', {}, { '101': 'refusing', '102': 'gone' }, { '101': 'gone' }, {}),
  failing('silent', 'silent'),
  failing('shared'),
  failing('timeouts'),
  failing('seven-servers'),
];

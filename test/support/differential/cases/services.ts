import { changing, type DifferentialCase, still } from '../differential-case.ts';

/** What a check asks, and which answers are good. */
export const serviceCases: readonly DifferentialCase[] = [
  still('virtual-host'),
  still('http'),
  still('own-requests'),
  changing('https', {}, { '101': 'wrong', '102': 'refusing' }),
  answering('proxy'),
  answering('simple-tcp'),
  answering('sip'),
  answering('dns'),
  answering('ldap'),
  // silent servers are no case for it: ldirectord waits for a pop server without end
  changing('mail', {}, { '101': 'wrong', '102': 'refusing' }, { '102': 'wrong' }),
  answering('news-and-files'),
  answering('radius'),
  changing('database', {}, { '101': 'refusing' }),
  still('external'),
  still('external-perl'),
];

/** Good answers; another one and none; and again good ones of one server. */
function answering(name: string): DifferentialCase {
  return changing(name, {}, { '101': 'wrong', '102': 'silent' }, { '102': 'refusing' });
}

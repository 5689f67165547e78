import { quoted } from './text.ts';
import type { ValueType } from './value-type.ts';

/** The facilities of syslog(3) that programs may use, by the names of logger(1). */
const facilities: ReadonlySet<string> = new Set([
  'auth',
  'authpriv',
  'cron',
  'daemon',
  'ftp',
  'lpr',
  'mail',
  'news',
  'syslog',
  'user',
  'uucp',
  ...Array.from({ length: 8 }, (_, n) => `local${n}`),
]);

/**
 * `logfile`: a path when it begins with "/", else a syslog facility. ldirectord starts with any word
 * there, and so must we.
 */
export function logTarget(): ValueType<string> {
  const type = quoted('a path or a syslog facility');
  return {
    ...type,
    read(text, report) {
      const word = type.read(text, report);
      if (word === undefined || word.startsWith('/')) return word;
      const facility = word.toLowerCase().replace(/^log_/, '');
      if (facilities.has(facility)) return facility;
      const message = `"${word}" is neither a path from "/" on nor a syslog facility, read as the facility "daemon"`;
      report.warn('logfile', message);
      return 'daemon';
    },
  };
}

import type { Damping } from '../../model.ts';
import { silentReport } from '../report.ts';
import { someSeconds } from './scalars.ts';
import { got, type ValueType } from './value-type.ts';

/** `MIN MAX`, both in seconds, or `no`: undefined says nothing, `off` says no. */
export function damping(): ValueType<Damping | 'off'> {
  const expects = 'MIN MAX in seconds, the second not below the first, or no';
  const time = someSeconds('more');
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      if (text === 'no') return 'off';
      const [min = '', max = '', ...more] = text.split(/\s+/);
      const minMs = time.read(min, silentReport);
      const maxMs = time.read(max, silentReport);
      if (minMs !== undefined && maxMs !== undefined && minMs <= maxMs && more.length === 0) {
        return { minMs, maxMs };
      }
      report.error('value', `expected ${expects}, ${got(text)}`);
      return undefined;
    },
  };
}

import { readFileSync } from 'node:fs';
import type { TrapFacts } from '../config/traps/trap.ts';

/**
 * The settings of this network namespace that decide whether a file has traps. Without ip_vs in the
 * kernel there are none to read.
 *
 * @param folder another place to read them from, for tests.
 */
export function kernelFacts(folder = '/proc/sys/net/ipv4/vs'): TrapFacts {
  const isSet = (name: string): boolean | undefined => {
    try {
      return readFileSync(`${folder}/${name}`, 'utf8').trim() !== '0';
    } catch {
      return undefined;
    }
  };
  return {
    expireQuiescentTemplate: isSet('expire_quiescent_template'),
    expireNodestConn: isSet('expire_nodest_conn'),
  };
}

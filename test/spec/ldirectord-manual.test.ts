import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainText, readPage, sectionLines } from '../man/man-page.ts';

/** Cases in which ipvsd differs on purpose, by number, with what the manual says of each. */
const cases: readonly (readonly [number, string])[] = [
  [11, 'Thresholds may stand in either order'],
  [20, 'A reload touches nothing that is right already'],
  [22, 'a range may have any length'],
  [29, 'An address without a port is an error'],
  [31, 'in the last line of the file is a virtual server without real servers'],
  [34, 'Each virtual server counts for itself'],
  [36, 'Death by a signal is a failure'],
  [41, 'dns without receive is up at any answer; in ldirectord it is always down.'],
  [41, 'without login need a server that answers; in ldirectord they are always up.'],
  [41, 'There is no switch back: checktype=on'],
  [49, 'with a broken file exit 2 and leave daemon and pid file alone'],
  [50, 'A broken file at a reload changes nothing'],
  [55, 'One mail with a recipient of its own for each address'],
  [60, 'repaired at the next shortest check interval, an emptied table too'],
  [61, 'No real server gets a client before its first good check'],
];

/** The same for the weaknesses of ldirectord; the last one is not for a manual. */
const weaknesses: readonly (readonly [number, string])[] = [
  [1, 'a slow server delays no other one, nor a reload, nor the stop'],
  [2, 'Every check has a hard deadline'],
  [2, 'killed after 30 seconds'],
  [2, 'Killed after 60 seconds'],
  [2, 'gives a server 30 seconds'],
  [2, 'host names are asked for in the background'],
  [3, 'ldirectord runs one process for each virtual server'],
  [4, 'ldirectord adds all of them at a start'],
  [4, 'Run once per change, not at a start or reload that changes nothing'],
  [5, 'ldirectord runs it three times for each change'],
  [6, 'A change that the kernel refuses is logged and tried again'],
  [7, 'ldirectord goes on with the defaults of some directives'],
  [7, 'ldirectord removes the pid file'],
  [8, 'for udp negotiates every time'],
  [9, 'login and password included, run once'],
  [9, 'count a failure once; in ldirectord twice'],
  [10, 'go to the port of the check and expunge nothing'],
  [10, 'Files are fetched over passive connections'],
  [10, 'the first MiB is read'],
  [11, 'that name the same real server must all be up for it to serve'],
  [12, 'A global one serves firewall marks too'],
  [12, '192.168.6.2::5060 and 10.9 are errors'],
  [12, 'may stand between the quotes of every quoted value'],
  [13, 'ldirectord may die of each, and leave its rules and its pid file'],
  [14, 'when the daemon is gone and the kernel is clean'],
  [15, 'Where ldirectord differs from its own manual, ipvsd does as the program does'],
];

describe('ipvsd.cf.5, DIFFERENCES FROM LDIRECTORD', () => {
  const lines = sectionLines(readPage('ipvsd.cf.5'), 'DIFFERENCES FROM LDIRECTORD');
  const text = plainText(lines.join('\n')).replace(/\s+/g, ' ');

  for (const [kind, list] of Object.entries({ case: cases, weakness: weaknesses })) {
    for (const [number, words] of list) {
      it(`tells of ${kind} ${number}: ${words}`, () => assert.ok(text.includes(words), text));
    }
  }
});

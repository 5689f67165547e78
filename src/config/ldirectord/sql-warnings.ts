import type { NegotiateCheck, NegotiateService } from '../check-model.ts';
import { directives as d } from './directives.ts';
import { nameStretch, type Report } from './report.ts';
import { lastSetting } from './settings.ts';
import type { Section } from './syntax.ts';

const sqlServices: readonly NegotiateService[] = ['mysql', 'pgsql', 'oracle'];

/**
 * Warns of checks of databases that will never be good, as in ldirectord: without login or query
 * nobody is asked. Each is said once for a section.
 *
 * @returns what looks at the check of one real server after the other.
 */
export function sqlWarnings(section: Section, report: Report): (check: NegotiateCheck) => void {
  const said = new Set<string>();
  const warn = (name: string, message: string): void => {
    if (said.has(name)) return;
    said.add(name);
    const line = lastSetting(section.body, d.service)?.line ?? section.head;
    report.warn(line, 'sql', `${name}: ${message}`, nameStretch(line));
  };
  return ({ service, login, request }) => {
    if (!sqlServices.includes(service)) return;
    const result = 'asks nobody, and its real server is never up';
    if (login === '') warn('login', `without it a check of ${service} ${result}`);
    if (request.replace(/^\//, '').trim() === '') {
      warn('request', `without an SQL query in it a check of ${service} ${result}`);
    }
  };
}

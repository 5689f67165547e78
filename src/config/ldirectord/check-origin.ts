import type { NegotiateService } from '../check-model.ts';
import type { AddressFamily } from '../endpoint.ts';
import type { ResolveContext } from './context.ts';
import { directives as d } from './directives.ts';
import { valueReport } from './report.ts';
import { lastSetting } from './settings.ts';
import type { Section } from './syntax.ts';
import { familyWord } from './values/host.ts';
import type { CheckTypeWord } from './values/words.ts';

/** What the checks of a section are, as far as their own address goes. */
export interface CheckedSection {
  readonly section: Section;
  readonly family: AddressFamily;
  readonly kind: CheckTypeWord;
  readonly service: NegotiateService;
}

/**
 * The own address that the checks of a section go out from. A global one is for the sections of its
 * family; one that stands in a section must fit there.
 *
 * @returns undefined where the routes decide.
 */
export function checkOrigin(
  { section, family, kind, service }: CheckedSection,
  { report, globals }: ResolveContext,
): string | undefined {
  const own = lastSetting(section.body, d.checkfrom);
  const setting = own ?? lastSetting(globals, d.checkfrom);
  if (setting === undefined) return undefined;
  const { value, line } = setting;
  const isFamily: AddressFamily = value.includes(':') ? 'inet6' : 'inet';
  const findings = valueReport(report, line);
  if (isFamily !== family) {
    const want = `expected an ${familyWord(family)} address like those of the real servers`;
    if (own !== undefined) findings.error('family', `${want}, got "${value}"`);
    return undefined;
  }
  const deaf = deafCheck(kind, service);
  if (deaf === undefined) return value;
  // a global one means those that can
  if (own !== undefined) findings.warn('checkfrom', `has no effect on ${deaf} checks`);
  return undefined;
}

/** Programs know nothing of it, and the client library of oracle opens its connections itself. */
function deafCheck(kind: CheckTypeWord, service: NegotiateService): string | undefined {
  if (kind === 'external' || kind === 'external-perl') return kind;
  return kind === 'negotiate' && service === 'oracle' ? service : undefined;
}

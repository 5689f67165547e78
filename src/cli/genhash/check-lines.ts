import type { Page } from '../../checks/http-get/page.ts';
import { isGoodStatus, rangesText, usualStatuses } from '../../checks/http-get/verdict.ts';
import { quotedText } from '../../config/keepalived/items.ts';
import type { GenhashOptions } from './options.ts';

/**
 * The check block, see ipvsd.cf(5), that the pages pass as they are now: over TLS without a look at
 * the certificate, as they were fetched.
 */
export function checkLines(
  { tls, protocol, virtualhost, sni, statuses }: GenhashOptions,
  found: readonly { readonly path: string; readonly page: Page }[],
): string {
  const statusOf = ({ status }: Page): string => {
    if (statuses !== undefined) return rangesText(statuses);
    return isGoodStatus(status, usualStatuses) ? '' : String(status);
  };
  const lines = [
    ...(protocol === '1.0' ? [] : [`protocol = ${protocol}`]),
    ...(virtualhost === undefined ? [] : [`virtualhost = ${quotedText(virtualhost)}`]),
    ...(tls ? ['verify = none'] : []),
    ...(tls && sni && virtualhost !== undefined ? [`sni = ${quotedText(virtualhost)}`] : []),
    ...found.flatMap(({ path, page }) => [
      `path = ${quotedText(path)}`,
      `digest = ${page.digest}`,
      ...(statusOf(page) === '' ? [] : [`status = ${statusOf(page)}`]),
    ]),
  ];
  const block = [`\tcheck = ${tls ? 'https' : 'http'}`, ...lines.map((line) => `\t\t${line}`)];
  return `${block.join('\n')}\n`;
}

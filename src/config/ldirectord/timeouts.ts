import { directives as d } from './directives.ts';
import { given } from './settings.ts';
import type { DirectiveLine } from './syntax.ts';

/** How long checks may take. A section that sets one of the two sets the other as well. */
export interface Timeouts {
  readonly checkMs: number;
  readonly negotiateMs: number;
}

/** Each the first that is set: own, own other, global, global other, 5 or 30 seconds. */
export function resolveTimeouts(
  own: readonly DirectiveLine[],
  globals: readonly DirectiveLine[],
): Timeouts {
  const check = [given(d.checktimeout, own), given(d.checktimeout, globals)] as const;
  const negotiate = [given(d.negotiatetimeout, own), given(d.negotiatetimeout, globals)] as const;
  return {
    checkMs: (check[0] ?? negotiate[0] ?? check[1] ?? negotiate[1] ?? 5) * 1000,
    negotiateMs: (negotiate[0] ?? check[0] ?? negotiate[1] ?? check[1] ?? 30) * 1000,
  };
}

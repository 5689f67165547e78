import type { Conversion } from './conversion.ts';
import type { ConvertedReal } from './convert-real.ts';
import { scriptValue } from './convert-real.ts';
import { inherited, numberOf } from './inherit.ts';
import type { Item } from './items.ts';
import type { Statement } from './tree.ts';

/**
 * quorum, hysteresis and their commands. Without any of them, and with no weight 0, one live server
 * is enough in both programs, and nothing need be said.
 */
export function quorumItems(
  virtual: Statement,
  reals: readonly ConvertedReal[],
  conversion: Conversion,
): readonly Item[] {
  const { findings } = conversion;
  const block = virtual.block ?? [];
  const quorumLine = inherited([block], 'quorum');
  const hysteresisLine = inherited([block], 'hysteresis');
  const weights = reals.reduce((sum, { weight }) => sum + weight, 0);
  let quorum = numberOf([block], 'quorum') ?? 1;
  let hysteresis = numberOf([block], 'hysteresis') ?? 0;
  if (weights === 0) {
    const message =
      'all weights are 0, so that no live server counts; keepalived can never gain quorum then';
    findings.add('note', quorumLine ?? virtual, 'quorum', message);
    quorum = 1;
  } else if (quorum > weights && quorumLine !== undefined) {
    const message = `reduced to ${weights}, the sum of the weights, as keepalived does`;
    findings.add('note', quorumLine, 'quorum', message);
    quorum = weights;
  }
  if (hysteresis > quorum - 1 && hysteresisLine !== undefined) {
    const message = `reduced to ${quorum - 1}, one less than the quorum, as keepalived does`;
    findings.add('note', hysteresisLine, 'hysteresis', message);
    hysteresis = quorum - 1;
  }
  const scripts = (['quorum_up', 'quorum_down'] as const).flatMap((keyword) => {
    const script = inherited([block], keyword);
    const value = script && scriptValue(script, conversion);
    return value === undefined ? [] : [{ name: keyword.replace('_', ''), value }];
  });
  const isSaid =
    quorumLine !== undefined || scripts.length > 0 || reals.some(({ weight }) => weight === 0);
  return [
    ...(isSaid ? [{ name: 'quorum', value: String(quorum) }] : []),
    ...(hysteresis > 0 ? [{ name: 'hysteresis', value: String(hysteresis) }] : []),
    ...scripts,
  ];
}

import type { ForwardMethod, TunnelEnvelope } from '../../model.ts';
import type { Stretch, ValueReport } from '../report.ts';

export const tunnelForms = 'tun:gue:PORT[:csum|:remcsum] or tun:gre[:csum]';

/**
 * Reads `tun:gue:PORT[:csum|:remcsum]` or `tun:gre[:csum]`, the envelope of a tunnel that is not
 * plain IP in IP.
 *
 * @param at - where the word stands in the value.
 */
export function readTunnel(
  word: string,
  forward: ForwardMethod,
  at: Stretch,
  report: ValueReport,
): TunnelEnvelope | undefined {
  if (forward !== 'ipip') {
    report.error('tunnel', `expected "${word}" after ipip only, got it after "${forward}"`, at);
    return undefined;
  }
  report.foreign('own', `"${word}" is not known to ldirectord`, at);
  const [, gre, greSum, port = '0', gueSum] =
    /^tun:(?:(gre)(?::(csum))?|gue:(\d{1,5})(?::(csum|remcsum))?)$/.exec(word) ?? [];
  if (gre !== undefined) {
    return { type: 'gre', port: 0, checksum: greSum === undefined ? 'nocsum' : 'csum' };
  }
  const number = Number(port);
  if (number < 1 || number > 65_535) {
    report.error('tunnel', `expected ${tunnelForms}, got "${word}"`, at);
    return undefined;
  }
  const checksum = gueSum === 'csum' || gueSum === 'remcsum' ? gueSum : 'nocsum';
  return { type: 'gue', port: number, checksum };
}

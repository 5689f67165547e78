import type { Endpoint } from '../endpoint.ts';
import type { VirtualId } from '../model.ts';
import { directives as d } from './directives.ts';
import { requestOf } from './negotiate-definition.ts';
import { serviceOf } from './service-ports.ts';
import { effective, given } from './settings.ts';
import type { DirectiveLine } from './syntax.ts';
import type { RealLine } from './values/real-line.ts';

/**
 * How ldirectord names a check in its monitorfile: type, protocol, server, port, virtualhost,
 * checkport, weight, method, request and receive, as they stand in the file. What is not set
 * leaves nothing behind, colons become blanks, backslashes go.
 *
 * @param own - lines of the section.
 * @returns `negotiate http tcp 10.9.0.2 80 www.x.y.z 1 gate /index.html Test Page`.
 */
export function checkIdentity(
  id: VirtualId,
  own: readonly DirectiveLine[],
  real: RealLine,
  target: Endpoint,
): string {
  const { address, port } = target;
  const fields = [
    typeWords(id, own),
    'fwmark' in id ? 'fwm' : id.protocol,
    address.includes(':') ? `[${address}]` : address,
    port,
    effective(d.virtualhost, own),
    given(d.checkport, own) ?? '',
    real.weight,
    real.forward,
    requestOf(own, real),
    real.receive ?? effective(d.receive, own),
  ];
  return fields.join(':').replaceAll(/:+/g, ' ').replaceAll('\\', '');
}

function typeWords(id: VirtualId, own: readonly DirectiveLine[]): string {
  const type = effective(d.checktype, own);
  const word = typeof type === 'object' ? type.kind : type;
  if (word === 'negotiate' || word === 'combined') {
    return `${word}:${serviceOf(id, own)}`;
  }
  const runs = word === 'external' || word === 'external-perl';
  return runs ? `${word}:${effective(d.checkcommand, own)}` : word;
}

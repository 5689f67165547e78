import type { Conversion } from './conversion.ts';
import { addressText } from './convert-real.ts';
import { forwardOf, portInKernel } from './forwarding.ts';
import type { Target } from './groups.ts';
import { inherited } from './inherit.ts';
import type { Item } from './items.ts';
import type { Statement } from './tree.ts';
import { readAddressPort } from './values.ts';

/** The sorry server as a fallback; what is said of it counts behind it alone. */
export function sorryItems(
  virtual: Statement,
  target: Target,
  { findings }: Conversion,
): readonly Item[] {
  const block = virtual.block ?? [];
  const at = block.findLastIndex(({ keyword }) => keyword === 'sorry_server');
  const sorry = block[at];
  const behind = block.slice(at + 1);
  for (const statement of block.slice(0, Math.max(at, 0))) {
    if (statement.keyword === 'sorry_server') {
      findings.add('note', statement, 'sorry_server', 'the last one counts, as in keepalived');
    }
  }
  const first = block.findIndex(({ keyword }) => keyword === 'sorry_server');
  for (const statement of first < 0 ? block : block.slice(0, first)) {
    if (!statement.keyword.startsWith('sorry_server_')) continue;
    const message = 'counts behind sorry_server alone; ignored, as keepalived does';
    findings.add('hand', statement, statement.keyword, message);
  }
  const server = sorry && readAddressPort(sorry.words);
  if (sorry === undefined || server === undefined) return [];
  const forward = forwardOf(
    inherited([behind], 'sorry_server_lvs_method') ?? inherited([block], 'lvs_method', 'lb_kind'),
  );
  if (target.family !== undefined && server.family !== target.family) {
    const message =
      'of another family than the virtual server: such a fallback cannot be written here';
    findings.add(forward.method === 'ipip' ? 'lost' : 'hand', sorry, 'sorry_server', message);
    return [];
  }
  const port = portInKernel(server.port, forward, target);
  if (port !== server.port && server.port !== 0) {
    const message = `${forward.method} does not change ports: it gets ${port === 0 ? 'none' : `port ${port}`}`;
    findings.add('note', sorry, 'sorry_server', message);
  }
  const name = server.family === 'inet6' ? 'fallback6' : 'fallback';
  const inhibited = inherited([behind], 'sorry_server_inhibit') !== undefined;
  return [
    { name, value: `${addressText(server, port)} ${forward.text}` },
    ...(inhibited ? [{ name: 'fallbackquiescent', value: 'yes' }] : []),
  ];
}

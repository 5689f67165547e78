import type { Endpoint } from '../endpoint.ts';
import { endpointText } from '../keys.ts';
import type { ForwardMethod, VirtualServer } from '../model.ts';
import type { Trap } from './trap.ts';

/** Packets that go to a port where nobody listens, and clients that go nowhere. */
export function forwardTraps(virtual: VirtualServer): readonly Trap[] {
  return [...portChanges(virtual), ...noFallback(virtual)];
}

/** Only masq rewrites packets; gate and ipip deliver them with the port that the client wrote. */
function portChanges(virtual: VirtualServer): readonly Trap[] {
  const { reals, fallbacks } = virtual;
  const traps: Trap[] = [];
  const lines = new Set<number>();
  for (const real of reals) {
    const message = portChange(virtual, real, 'real');
    // of a range one word is enough
    if (message === undefined || lines.has(real.line)) continue;
    lines.add(real.line);
    const { line } = real;
    traps.push({ code: 'trap-port-change', message, virtual, directives: [], line });
  }
  for (const fallback of fallbacks) {
    const message = portChange(virtual, fallback, 'fallback');
    const directives = ['fallback', 'fallback6'];
    if (message !== undefined) {
      traps.push({ code: 'trap-port-change', message, virtual, directives });
    }
  }
  return traps;
}

function portChange(
  { id }: VirtualServer,
  server: Endpoint & { readonly forward: ForwardMethod },
  directive: string,
): string | undefined {
  const { forward, port } = server;
  if (forward === 'masq' || 'fwmark' in id) return undefined;
  if (port === 0 || id.port === 0 || port === id.port) return undefined;
  return (
    `${directive}: ${forward} does not change ports, so that ${endpointText(server)} gets its clients at port ${id.port}:` +
    ` use masq, or port ${id.port}`
  );
}

function noFallback(virtual: VirtualServer): readonly Trap[] {
  // whoever withdraws the address when the quorum is lost sends its clients elsewhere
  if (virtual.fallbacks.length > 0 || virtual.quorum?.downCommand !== undefined) return [];
  const message =
    'virtual: without a fallback its clients are refused while all real servers are down: add "fallback", here or for all';
  return [{ code: 'trap-no-fallback', message, virtual, directives: [] }];
}

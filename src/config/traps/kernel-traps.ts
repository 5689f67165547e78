import type { RealServer, VirtualServer } from '../model.ts';
import type { Trap, TrapFacts } from './trap.ts';

/**
 * What the kernel does with the connections of a failed server
 * (Documentation/networking/ipvs-sysctl.rst).
 */
export function kernelTraps(virtual: VirtualServer, facts: TrapFacts): readonly Trap[] {
  return [...stickyFailure(virtual, facts), ...stickyUdp(virtual, facts)];
}

/** Each connection arms a template anew, so the time counts from the last try of a client. */
function stickyFailure(virtual: VirtualServer, facts: TrapFacts): readonly Trap[] {
  const { persistentS, reals } = virtual;
  if (persistentS === 0 || facts.expireQuiescentTemplate === true) return [];
  const own = reals.find(({ inhibit }) => inhibit === true);
  if (own === undefined && !reals.some((real) => followsQuiescent(virtual, real))) return [];
  const word = own === undefined ? 'quiescent' : 'inhibit';
  const clean = own === undefined ? 'persistentclean=yes, or ' : '';
  const setting = isZero('expire_quiescent_template', facts.expireQuiescentTemplate);
  const message =
    `persistent: clients of a failed real server get errors until ${persistentS} s after their last try,` +
    ` as ${word}=yes keeps it in the table and ${setting}:` +
    ` set ${clean}${word}=no, or that sysctl to 1`;
  return [{ code: 'trap-persistent', message, virtual, directives: ['persistent'] }];
}

/** A word of its own counts for a server in spite of quiescent and persistentclean. */
function followsQuiescent(virtual: VirtualServer, { inhibit }: RealServer): boolean {
  return inhibit === undefined && virtual.quiescent && !virtual.persistentClean;
}

function stickyUdp(virtual: VirtualServer, facts: TrapFacts): readonly Trap[] {
  const { id, onePacket, quiescent } = virtual;
  if (!('protocol' in id) || id.protocol !== 'udp' || onePacket) return [];
  if (facts.expireNodestConn === true) return [];
  const setting = isZero('expire_nodest_conn', facts.expireNodestConn);
  const sysctl = quiescent ? 'quiescent=no with that sysctl at 1' : 'that sysctl to 1';
  const message =
    `protocol: a client that goes on sending from one udp port stays with a failed real server, as ${setting}:` +
    ` set persistentclean=yes, or ${sysctl}, or ops=yes if every packet stands alone`;
  return [{ code: 'trap-udp', message, virtual, directives: ['protocol'] }];
}

function isZero(name: string, value: boolean | undefined): string {
  const known = value === undefined ? 'cannot be read here, and by default is' : 'is';
  return `net.ipv4.vs.${name} ${known} 0`;
}

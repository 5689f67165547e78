/** The ldirectord.cf of seed 004 (two Apaches behind one address), addresses and times adapted. */
export function seed004(facts: {
  readonly vip: string;
  readonly reals: readonly string[];
  readonly quiescent?: 'yes' | 'no';
  readonly extra?: string;
}): string {
  const reals = facts.reals.map((real) => `        real=${real}:80 gate`).join('\n');
  return `checktimeout=2
checkinterval=1
autoreload=no
logfile="/run/tmp/ldirectord.log"
quiescent=${facts.quiescent ?? 'yes'}
${facts.extra ?? ''}
virtual=${facts.vip}:80
${reals}
        fallback=127.0.0.1:80 gate
        service=http
        request="ldirector.html"
        receive="Test Page"
        scheduler=rr
        protocol=tcp
        checktype=negotiate
`;
}

/**
 * Seed 002's keepalived.conf in ldirectord's words: LVS-NAT, persistence, unequal weights, and the
 * director's own web server as sorry server.
 */
export function seed002(facts: {
  readonly vip: string;
  readonly reals: readonly string[];
}): string {
  const weights = [20, 8];
  const reals = facts.reals.map((real, i) => `        real=${real}:80 masq ${weights[i] ?? 1}`);
  return `checktimeout=2
checkinterval=1
logfile="/run/tmp/ldirectord.log"
quiescent=no
virtual=${facts.vip}:80
${reals.join('\n')}
        fallback=${facts.vip}:80 masq
        checktype=connect
        scheduler=wlc
        persistent=50
        protocol=tcp
`;
}

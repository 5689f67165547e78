import type { Check } from './finding.ts';
import { forwardingChecks } from './forwarding.ts';
import { ipvsSettingChecks } from './ipvs-settings.ts';
import { moduleChecks } from './modules.ts';
import { onRealServerChecks } from './on-real-server.ts';
import { packetRuleChecks } from './packet-rules.ts';
import { peerChecks } from './peer.ts';
import { realServerChecks } from './real-servers.ts';
import { reversePathChecks } from './reverse-path.ts';
import { surroundingChecks } from './surroundings.ts';
import { syncChecks } from './sync.ts';
import { tunnelChecks } from './tunnel-mtu.ts';
import { twoNodeChecks } from './two-node.ts';
import { virtualAddressChecks } from './virtual-address.ts';

/** What is looked at on a director, in the order of the report. */
export const directorChecks: readonly Check[] = [
  ...moduleChecks,
  ...virtualAddressChecks,
  ...realServerChecks,
  ...forwardingChecks,
  ...reversePathChecks,
  ...tunnelChecks,
  ...packetRuleChecks,
  ...ipvsSettingChecks,
  ...syncChecks,
  ...peerChecks,
  ...twoNodeChecks,
  ...surroundingChecks,
];

/** What is looked at on a real server. */
export const realServerSideChecks: readonly Check[] = onRealServerChecks;

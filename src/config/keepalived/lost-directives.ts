import type { Config, VirtualServer } from '../model.ts';
import type { Findings, Place } from './finding.ts';

/** Names what keepalived has nothing for, of one virtual server. */
export function reportLostDirectives(
  virtual: VirtualServer,
  place: Place,
  findings: Findings,
): void {
  const lost = (isGiven: boolean, directive: string, message: string): void => {
    if (isGiven) findings.add('lost', place, directive, message);
  };
  const { slowStartMs, damping, minServers, fallbackCommand, monitorFile, emailAlert } = virtual;
  lost(slowStartMs > 0, 'slowstart', 'a server that comes back has its whole weight at once');
  lost(
    damping !== undefined,
    'damping',
    'a server that fails again and again comes back each time',
  );
  lost(minServers !== undefined, 'minservers', 'all servers that fail are taken out');
  lost(
    fallbackCommand !== undefined,
    'fallbackcommand',
    'see quorum_up and quorum_down, which get no arguments',
  );
  lost(monitorFile !== undefined, 'monitorfile', 'keepalived writes no such file');
  lost(!virtual.cleanstop, 'cleanstop', 'start keepalived with -I, which is for all services');
  lost(virtual.markFor !== undefined, 'markfor', 'keepalived sets no marks; see "ipvsd nft"');
  lost(virtual.serviceName !== undefined, 'servicename', 'it stands in no mail of keepalived');
  lost(virtual.comment !== undefined, 'comment', 'it stands in no mail of keepalived');
  const states = emailAlert.statuses.length;
  const silent = emailAlert.recipients.length > 0 && states > 0 && states < 4;
  lost(silent, 'emailalertstatus', 'keepalived mails in all its states');
}

/** Names what keepalived has nothing for, of the global lines. */
export function reportLostGlobals(config: Config, findings: Findings): void {
  const place = { file: config.path, line: 1 };
  const { callback, maintenanceDir, execute, autoreload, standby } = config;
  if (autoreload) {
    findings.add('hand', place, 'autoreload', 'keepalived reads its file again at SIGHUP');
  }
  if (callback !== undefined) findings.add('lost', place, 'callback', 'keepalived runs none');
  if (maintenanceDir !== undefined) {
    findings.add('lost', place, 'maintenancedir', 'keepalived has none; see FILE_CHECK');
  }
  if (standby.checks !== 'full' || standby.table !== 'keep') {
    findings.add('lost', place, 'standbychecks, standbytable', 'its checks know no standby');
  }
  if (execute.length > 0) {
    findings.add('hand', place, 'execute', `export them as well: ${execute.join(', ')}`);
  }
}

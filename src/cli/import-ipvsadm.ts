import { isIP } from 'node:net';
import { parseSavedTable } from '../backend/ipvsadm-save-parser.ts';
import { schedulerFlagWords } from '../backend/scheduler-flags.ts';
import { Findings } from '../config/keepalived/finding.ts';
import type { ImportResult } from '../config/keepalived/import-keepalived.ts';
import { type Item, printItems } from '../config/keepalived/items.ts';
import { endpointText } from '../config/keys.ts';
import { type Resolver, systemResolver } from '../config/names.ts';
import { messageOf } from '../config/system-error.ts';
import type { Destination, Service, TableService } from '../ipvs-netlink/model.ts';

/** Whether a text is what ipvsadm-save prints: all of its lines begin with -A or -a. */
export function isSavedTable(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.length > 0 && lines.every((line) => /^-[Aa]\s/.test(line));
}

/**
 * What `ipvsadm-save` printed, with or without -n, as an ipvsd.cf(5) that gives the same table.
 * The kernel knows of no checks: a service is checked by what can be known of it.
 *
 * @param path - for messages.
 */
export async function importSavedTable(
  path: string,
  text: string,
  resolver: Resolver = systemResolver(),
): Promise<ImportResult> {
  const findings = new Findings();
  const lines = text.split('\n').map((line) => (line.startsWith('#') ? '' : line));
  const numeric: string[] = [];
  for (const [index, line] of lines.entries()) {
    const place = { file: path, line: index + 1 };
    numeric.push(
      await numericLine(line, resolver, (message) => findings.add('error', place, 'name', message)),
    );
  }
  if (findings.failed) return { findings: findings.list };
  try {
    const table = parseSavedTable(numeric.join('\n'));
    const place = { file: path, line: 1 };
    findings.add(
      'note',
      place,
      'thresholds',
      'ipvsadm-save prints none: add u: and l: to the real lines that have some',
    );
    const sections = table.map((service) =>
      section(service, { file: path, line: lineOf(service, table, numeric) }, findings),
    );
    const head = `# Written by "ipvsd import" from ${path}\n`;
    const parts = sections.map((item) => printItems([item]));
    return { text: [head, ...parts].join('\n'), findings: findings.list };
  } catch (error) {
    const message = messageOf(error);
    const line = numeric.findIndex((one) => message.endsWith(`got "${one}"`)) + 1;
    findings.add('error', { file: path, line: Math.max(line, 1) }, 'line', message);
    return { findings: findings.list };
  }
}

/** Names of hosts and services as the addresses and ports that they stand for. */
async function numericLine(
  line: string,
  resolver: Resolver,
  fail: (message: string) => void,
): Promise<string> {
  const words = line.trim().split(/\s+/);
  const protocol = words.includes('-u') ? 'udp' : 'tcp';
  for (const [at, word] of words.entries()) {
    if (!/^(-[tur]|--sctp-service)$/.test(words[at - 1] ?? '')) continue;
    const [, bracketed, plain = '', port = ''] = /^(?:\[(.*)\]|(.*)):([^:]*)$/.exec(word) ?? [];
    const family = bracketed === undefined ? 'inet' : 'inet6';
    const host = bracketed ?? plain;
    const address = isIP(host) === 0 ? await resolver.lookup(host, family) : host;
    const number = /^\d+$/.test(port) ? Number(port) : await resolver.servicePort(port, protocol);
    if (address === undefined || number === undefined) {
      fail(`"${word}" is not known here: save the table with "ipvsadm-save -n"`);
      return '';
    }
    words[at] = endpointText({ address, port: number });
  }
  return words.join(' ');
}

/** Services come in the order of their lines. */
function lineOf(
  service: TableService,
  table: readonly TableService[],
  lines: readonly string[],
): number {
  const starts = lines.flatMap((line, index) => (line.startsWith('-A') ? [index + 1] : []));
  return starts[table.indexOf(service)] ?? 1;
}

function section(
  service: TableService,
  place: { readonly file: string; readonly line: number },
  findings: Findings,
): Item {
  const { id } = service;
  const check = 'fwmark' in id || id.protocol !== 'tcp' || id.port === 0 ? 'ping' : 'connect';
  const what = `real servers are checked by checktype=${check}, as the kernel knows of no checks: put a better one there`;
  findings.add('note', place, 'checktype', what);
  if (service.onePacket && 'fwmark' in id) {
    findings.add(
      'lost',
      place,
      '-o',
      'ipvsd has one-packet scheduling for udp services, not for firewall marks',
    );
  }
  const flags = schedulerFlagWords(service.scheduler, service.schedulerFlags);
  return {
    name: id.family === 'inet6' ? 'virtual6' : 'virtual',
    value: 'fwmark' in id ? String(id.fwmark) : endpointText(id),
    items: [
      ...('fwmark' in id ? [] : [{ name: 'protocol', value: id.protocol }]),
      { name: 'scheduler', value: service.scheduler },
      ...(flags.length > 0 ? [{ name: 'schedflags', value: flags.join(',') }] : []),
      ...persistenceItems(service),
      ...(service.onePacket && !('fwmark' in id) ? [{ name: 'ops', value: 'yes' }] : []),
      { name: 'checktype', value: check },
      ...service.destinations.flatMap((one) => realItems(service, one, place, findings)),
    ],
  };
}

function persistenceItems(service: Service): readonly Item[] {
  const { persistenceTimeoutS, persistenceNetmask, persistenceEngine, id } = service;
  if (persistenceTimeoutS === 0) return [];
  const whole = id.family === 'inet' ? '255.255.255.255' : '128';
  return [
    { name: 'persistent', value: String(persistenceTimeoutS) },
    ...(persistenceNetmask === whole ? [] : [{ name: 'netmask', value: persistenceNetmask }]),
    ...(persistenceEngine === '' ? [] : [{ name: 'persistentengine', value: persistenceEngine }]),
  ];
}

function realItems(
  service: TableService,
  destination: Destination,
  place: { readonly file: string; readonly line: number },
  findings: Findings,
): readonly Item[] {
  const { id, weight, tunnel } = destination;
  const method = methodOf(destination);
  const isForeign = id.family !== service.id.family;
  if (method === undefined || isForeign) {
    const reason = isForeign
      ? 'of another family than its service'
      : 'with a forwarding method that ipvsadm has no word for';
    findings.add(
      'lost',
      place,
      '-r',
      `${endpointText(id)} is ${reason}: it cannot be written here`,
    );
    return [];
  }
  if (weight === 0) {
    findings.add('note', place, '-w', `${endpointText(id)} has weight 0 and keeps it`);
  }
  const words =
    tunnel === undefined || tunnel.type === 'ipip'
      ? []
      : [
          'tun',
          tunnel.type,
          ...(tunnel.port > 0 ? [tunnel.port] : []),
          ...(tunnel.checksum === 'nocsum' ? [] : [tunnel.checksum]),
        ];
  const address = id.port === 0 ? endpointText(id).replace(/:0$/, '') : endpointText(id);
  const value = [address, method, ...(words.length > 0 ? [words.join(':')] : []), weight].join(' ');
  return [{ name: id.family === 'inet6' ? 'real6' : 'real', value }];
}

function methodOf({ forwarding }: Destination): string | undefined {
  if (forwarding === 'masq') return 'masq';
  if (forwarding === 'tunnel') return 'ipip';
  return forwarding === 'bypass' ? undefined : 'gate';
}

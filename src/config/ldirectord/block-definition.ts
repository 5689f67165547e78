import { isIP } from 'node:net';
import type { DialogueStep, HttpGetCheck, HttpUrl, UdpCheck } from '../block-checks.ts';
import type { CheckDefinition } from '../check-model.ts';
import type { CheckTarget, TlsSettings } from '../check-target.ts';
import type { AddressFamily, Endpoint } from '../endpoint.ts';
import type { CheckBlock } from './check-block.ts';
import { parameters as p } from './check-parameters.ts';
import { directives as d } from './directives.ts';
import { allParameters, givenParameter, parameterSetting } from './parameter-settings.ts';
import { nameStretch, type Report, valueReport } from './report.ts';
import { effective, given } from './settings.ts';
import type { DirectiveLine } from './syntax.ts';
import { familyWord } from './values/host.ts';

/** What a check may take from outside of its block. */
export interface BlockSurroundings {
  /** Lines of the section. */
  readonly own: readonly DirectiveLine[];
  readonly globals: readonly DirectiveLine[];
  /** Port of the virtual server; absent for a firewall mark. */
  readonly virtualPort?: number;
  /** Name of this machine, to say HELO with. */
  readonly hostname: string;
  readonly report: Report;
}

/**
 * The check that a block describes, for one server.
 *
 * @returns undefined after an error was reported.
 */
export function blockDefinition(
  block: CheckBlock,
  server: Endpoint,
  around: BlockSurroundings,
): CheckDefinition | undefined {
  const { word, common } = block;
  const timeoutMs = givenParameter(p.timeout, common) ?? defaultTimeoutMs;
  if (word === 'misc') {
    const command = givenParameter(p.command, common);
    const dynamic = givenParameter(p.dynamic, common) ?? false;
    const account = givenParameter(p.user, common);
    return command === undefined
      ? undefined
      : { type: 'misc', command, dynamic, ...account, timeoutMs };
  }
  if (word === 'file') {
    const path = givenParameter(p.path, common);
    const weight = givenParameter(p.weight, common) ?? 0;
    return path === undefined ? undefined : { type: 'file', path, weight, timeoutMs };
  }
  const host = targetHost(block, server, around);
  if (host === undefined) return undefined;
  if (word === 'ping') return { type: 'ping', ...host, attempts: 1, timeoutMs };
  const port = givenParameter(p.port, common) ?? (server.port || around.virtualPort);
  if (!port) {
    const message = 'check: nothing says which port to check: give the check or the server a port';
    around.report.error(block.head, 'checkport', message, nameStretch(block.head));
    return undefined;
  }
  const { family, address, from } = host;
  const target = { family, address, port, ...(from !== undefined && { from }) };
  return connectingDefinition(block, target, timeoutMs, around);
}

const defaultTimeoutMs = 5000;

function connectingDefinition(
  { word, common, urls, steps }: CheckBlock,
  target: CheckTarget,
  timeoutMs: number,
  around: BlockSurroundings,
): CheckDefinition | undefined {
  switch (word) {
    case 'tcp': {
      const tls = givenParameter(p.tls, common) && tlsSettings(common, around);
      return { type: 'connect', target, ...(tls && { tls }), timeoutMs };
    }
    case 'http':
    case 'https': {
      const check: HttpGetCheck = {
        type: 'http-get',
        target,
        protocol: givenParameter(p.protocol, common) ?? '1.0',
        urls: urls.flatMap((lines) => httpUrl(lines, common, around) ?? []),
        ...(word === 'https' && { tls: tlsSettings(common, around) }),
        timeoutMs,
      };
      return check.urls.length === urls.length ? check : undefined;
    }
    case 'smtp': {
      const heloName = givenParameter(p.helo, common) ?? around.hostname;
      return { type: 'smtp-hello', target, heloName, timeoutMs };
    }
    case 'dns': {
      const queryType = givenParameter(p.query, common) ?? 'SOA';
      const name = givenParameter(p.name, common) ?? '.';
      return { type: 'dns-query', target, queryType, name, timeoutMs };
    }
    case 'udp':
      return udpCheck(common, target, timeoutMs);
    case 'dialogue': {
      const transport = givenParameter(p.transport, common) ?? 'tcp';
      return {
        type: 'dialogue',
        transport: transport === 'udp' ? 'udp' : 'tcp',
        target,
        ...(transport === 'tls' && { tls: tlsSettings(common, around) }),
        steps: steps.flatMap(dialogueStep),
        timeoutMs,
      };
    }
    case 'agent':
      return { type: 'agent', target, send: givenParameter(p.send, common) ?? '', timeoutMs };
    default:
      return undefined;
  }
}

function targetHost(
  { common }: CheckBlock,
  server: Endpoint,
  { own, globals, report }: BlockSurroundings,
): (Pick<Endpoint, 'family' | 'address'> & { readonly from?: string }) | undefined {
  const other = givenParameter(p.address, common);
  const address = other ?? server.address;
  const family = other === undefined ? server.family : familyOf(other);
  const from = parameterSetting(p.from, common);
  if (from !== undefined && familyOf(from.value) !== family) {
    const want = `an ${familyWord(family)} address like that of the target "${address}"`;
    valueReport(report, from.line).error('family', `expected ${want}, got "${from.value}"`);
    return undefined;
  }
  const checkFrom = given(d.checkfrom, own, globals);
  const usual = checkFrom !== undefined && familyOf(checkFrom) === family ? checkFrom : undefined;
  const origin = from?.value ?? usual;
  return { family, address, ...(origin !== undefined && { from: origin }) };
}

function familyOf(address: string): AddressFamily {
  return isIP(address) === 6 ? 'inet6' : 'inet';
}

/** What a block does not say, the directives of the section do. */
function tlsSettings(
  common: CheckBlock['common'],
  { own, globals }: BlockSurroundings,
): TlsSettings {
  const caFile = givenParameter(p.cafile, common) ?? given(d.cafile, own, globals);
  const clientCert = givenParameter(p.clientcert, common) ?? given(d.clientcert, own, globals);
  const clientKey =
    givenParameter(p.clientkey, common) ?? given(d.clientkey, own, globals) ?? clientCert;
  return {
    verify: givenParameter(p.verify, common) ?? given(d.verify, own, globals) ?? 'ca',
    sni: givenParameter(p.sni, common) ?? effective(d.sni, own, globals),
    ...(caFile !== undefined && { caFile }),
    ...(clientCert !== undefined && { clientCert }),
    ...(clientCert !== undefined && clientKey !== undefined && { clientKey }),
    certWarnDays: givenParameter(p.certwarn, common) ?? effective(d.certwarn, own, globals),
  };
}

function httpUrl(
  lines: readonly DirectiveLine[],
  common: CheckBlock['common'],
  { own }: BlockSurroundings,
): HttpUrl | undefined {
  const path = givenParameter(p.path, [lines]);
  if (path === undefined) return undefined;
  const digest = givenParameter(p.digest, [lines]);
  const regexNot = givenParameter(p.regexnot, [lines]);
  return {
    path,
    host: givenParameter(p.virtualhost, [lines, ...common]) ?? effective(d.virtualhost, own),
    statuses: givenParameter(p.status, [lines]) ?? [[200, 299]],
    ...(digest !== undefined && { digest }),
    regex: givenParameter(p.regex, [lines]) ?? regexNot ?? '',
    regexNoMatch: regexNot !== undefined,
  };
}

function udpCheck(common: CheckBlock['common'], target: CheckTarget, timeoutMs: number): UdpCheck {
  const pattern = givenParameter(p.reply, common);
  const isRequired = givenParameter(p.requirereply, common) ?? pattern !== undefined;
  const reply = {
    pattern: pattern ?? '',
    minLength: givenParameter(p.minreply, common) ?? 0,
    maxLength: givenParameter(p.maxreply, common) ?? 65_535,
  };
  const payload = givenParameter(p.payload, common) ?? '';
  return { type: 'udp', target, payload, ...(isRequired && { reply }), timeoutMs };
}

function dialogueStep(line: DirectiveLine): readonly DialogueStep[] {
  return [
    ...allParameters([line], p.send).map(({ value }) => ({ send: value })),
    ...allParameters([line], p.expect).map(({ value }) => ({ expect: value })),
  ];
}

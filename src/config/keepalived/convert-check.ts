import type { CheckContext } from './check-context.ts';
import { httpItems } from './convert-http.ts';
import { otherCheckItems } from './convert-other-checks.ts';
import { type Chain, inherited, timerOf, wordOf } from './inherit.ts';
import type { Item } from './items.ts';
import { type Rhythm, rhythmOf } from './rhythm.ts';
import { allOf, type Statement } from './tree.ts';
import { readAddress, secondsText } from './values.ts';

/** A check in words of the new file; its rhythm is put in words when that of the section is known. */
export interface ConvertedCheck {
  readonly word: string;
  /** Where it goes to, and what all checks may have. */
  readonly items: readonly Item[];
  /** What checks of its type have. */
  readonly ownItems: readonly Item[];
  readonly rhythm: Rhythm;
}

const words: Readonly<Record<string, string>> = {
  TCP_CHECK: 'tcp',
  HTTP_GET: 'http',
  SSL_GET: 'https',
  SMTP_CHECK: 'smtp',
  DNS_CHECK: 'dns',
  UDP_CHECK: 'udp',
  PING_CHECK: 'ping',
  MISC_CHECK: 'misc',
  FILE_CHECK: 'file',
};

/** The default of connect_timeout there, and of `timeout` here. */
const defaultTimeoutUs = 5_000_000;

/** A check block of a real server; none for one that cannot be converted, several with `host`. */
export function convertCheck(check: Statement, context: CheckContext): readonly ConvertedCheck[] {
  const { keyword } = check;
  const block = check.block ?? [];
  const word = words[keyword];
  if (word === undefined) {
    const message = 'ipvsd speaks no BFD: the server is not taken out when the session goes down';
    context.findings.add('lost', check, keyword, message);
    return [];
  }
  const chain = [block, context.real, context.virtual];
  const rhythm = rhythmOf(keyword, chain);
  const own = itemsOfType(check, context);
  if (own === undefined) return [];
  const common = warmupItems(check, chain, context);
  const hosts = allOf(block, 'host');
  for (const host of hosts) {
    context.findings.add(
      'note',
      host,
      'host',
      'an old form; it is one more check, as in keepalived',
    );
  }
  const targets = keyword === 'MISC_CHECK' || keyword === 'FILE_CHECK' ? [] : [block];
  // since 2.0 they are made besides that of the block itself; before it, in its place
  const ends = [...targets, ...hosts.map((host) => [...block, ...(host.block ?? [])])];
  if (ends.length === 0) return [{ word, items: common, ownItems: own, rhythm }];
  return ends.map((end) => {
    const items = [...targetItems(check, end, context), ...common];
    if (keyword === 'PING_CHECK' || hasPort(end, context)) {
      return { word, items, ownItems: own, rhythm };
    }
    const message = 'checked by ping, as nothing says which port to check: give it connect_port';
    context.findings.add('hand', check, keyword, message);
    return { word: 'ping', items, ownItems: [], rhythm };
  });
}

/** Without one keepalived connects to port 0, so that the server is never up. */
function hasPort(block: readonly Statement[], { server }: CheckContext): boolean {
  return wordOf([block], 'connect_port') !== undefined || server.port > 0 || server.writtenPort > 0;
}

function itemsOfType(check: Statement, context: CheckContext): readonly Item[] | undefined {
  const isHttp = check.keyword === 'HTTP_GET' || check.keyword === 'SSL_GET';
  return isHttp ? httpItems(check, context) : otherCheckItems(check, context);
}

/** Where the check goes to, and for how long. */
function targetItems(
  check: Statement,
  block: readonly Statement[],
  context: CheckContext,
): readonly Item[] {
  const { server, findings } = context;
  const items: Item[] = [];
  const to = inherited([block], 'connect_ip');
  const from = inherited([block], 'bindto');
  const target = readAddress(to?.words[0] ?? server.address);
  const source = readAddress(from?.words[0] ?? '');
  if (to !== undefined && target !== undefined && target.address !== server.address)
    items.push({ name: 'address', value: target.address });
  const port = targetPort(check, block, context);
  if (port !== undefined) items.push({ name: 'port', value: String(port) });
  if (from !== undefined && source !== undefined) {
    if (source.family === target?.family) items.push({ name: 'from', value: source.address });
    else
      findings.add(
        'hand',
        from,
        'bindto',
        'of another family than the target; ignored, as keepalived does',
      );
  }
  const chain = [block, context.real, context.virtual];
  const timeoutUs = timerOf(chain, 'connect_timeout') ?? defaultTimeoutUs;
  if (timeoutUs !== defaultTimeoutUs)
    items.push({ name: 'timeout', value: secondsText(timeoutUs) });
  return items;
}

/**
 * keepalived takes the port of the real_server line as it is written, before it corrects it for the
 * kernel: with none it connects to port 0.
 */
function targetPort(
  check: Statement,
  block: readonly Statement[],
  { server, findings }: CheckContext,
): number | undefined {
  if (check.keyword === 'PING_CHECK') return undefined;
  const written = Number(wordOf([block], 'connect_port') ?? server.writtenPort);
  if (written > 0) return written === server.port ? undefined : written;
  if (server.port === 0) return undefined;
  const message = `checks port ${server.port}; the server has none in the file, so that keepalived checks port 0 and always fails`;
  findings.add('changed', check, check.keyword, message);
  return server.port;
}

/** Only one that is written: that of keepalived is for servers which have clients meanwhile. */
function warmupItems(check: Statement, chain: Chain, { findings }: CheckContext): readonly Item[] {
  const warmupUs = timerOf(chain, 'warmup') ?? 0;
  if (warmupUs === 0) return [];
  const message = `a server waits up to ${secondsText(warmupUs)} s for its first check, and gets no clients before it`;
  findings.add('changed', inherited(chain, 'warmup') ?? check, 'warmup', message);
  return [{ name: 'warmup', value: secondsText(warmupUs) }];
}

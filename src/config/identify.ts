import { virtualKey } from './keys.ts';
import { EditError } from './ldirectord/edit.ts';
import { type ConfigOptions, parseConfig } from './load.ts';
import type { RealServer, VirtualId, VirtualServer } from './model.ts';

/**
 * The one virtual server that a text names: `tcp:10.0.0.1:80`, `10.0.0.1:80`, `www:http`,
 * `[fd00::1]:80`, `fwm:5`, `fwm6:5` or `5`. Names are looked up, so any spelling of its identity
 * will do.
 *
 * @throws EditError when there is none, or more than one.
 */
export async function identifyVirtual(
  text: string,
  virtuals: readonly VirtualServer[],
  options: ConfigOptions,
): Promise<VirtualServer> {
  const [, prefix = '', address = ''] = /^(?:(tcp|udp|sctp|fwm6?):)?(.*)$/s.exec(text) ?? [];
  const wanted = await readIdentities(prefix, address, options);
  if (wanted.length === 0) {
    const expected = '[tcp:|udp:|sctp:]ADDRESS:PORT or [fwm:|fwm6:]MARK';
    throw new EditError(`virtual server: expected ${expected}, got "${text}"`);
  }
  const keys = new Set(wanted.map(virtualKey));
  const found = virtuals.filter(({ id }) => keys.has(virtualKey(id)));
  const [one, ...others] = found;
  if (one === undefined) throw new EditError(`virtual server: "${text}" is not in the file`);
  if (others.length === 0) return one;
  const names = found.map(({ id }) => `"${virtualKey(id)}"`).join(' or ');
  throw new EditError(`virtual server: expected ${names}, got "${text}"`);
}

/**
 * The one real server that a text names: its key (`10.0.0.2:80`, a repeated one `10.0.0.2:80#2`),
 * another spelling of that, or its address alone.
 *
 * @throws EditError when there is none, or more than one.
 */
export async function identifyReal(
  text: string,
  virtual: VirtualServer,
  options: ConfigOptions,
): Promise<RealServer> {
  const exact = virtual.reals.find(({ key }) => key === text);
  if (exact !== undefined) return exact;
  const wanted = await readReal(text, virtual.id, options);
  const found = virtual.reals.filter(
    ({ address, port }) =>
      address === wanted?.address && (port === wanted.port || wanted.port === 0),
  );
  const [one, ...others] = found;
  if (one === undefined) {
    throw new EditError(`real server: "${text}" is not in ${virtualKey(virtual.id)}`);
  }
  if (others.length === 0) return one;
  const keys = found.map(({ key }) => `"${key}"`).join(' or ');
  throw new EditError(`real server: expected ${keys}, got "${text}"`);
}

/** Lets the reader of files say what a text means; a text without protocol may mean several. */
async function readIdentities(
  prefix: string,
  address: string,
  options: ConfigOptions,
): Promise<readonly VirtualId[]> {
  const isMark = /^\d+$/.test(address);
  if (/\s/.test(address) || (isMark ? /^(tcp|udp|sctp)$/ : /^fwm/).test(prefix)) return [];
  const spellings = {
    fwm: ['virtual'],
    fwm6: ['virtual6'],
    tcp: ['virtual', 'virtual6'],
    udp: ['virtual', 'virtual6'],
    sctp: ['virtual', 'virtual6'],
  }[prefix] ?? ['virtual', 'virtual6'];
  const protocols = isMark ? ['fwm'] : prefix === '' ? ['tcp', 'udp', 'sctp'] : [prefix];
  const texts = spellings.flatMap((spelling) =>
    protocols.map((protocol) => `${spelling}=${address}\n\tprotocol=${protocol}\n`),
  );
  const results = await Promise.all(texts.map((text) => parseConfig(text, '', options)));
  return results.flatMap(({ config }) => config?.virtuals.map(({ id }) => id) ?? []);
}

async function readReal(
  text: string,
  { family }: VirtualId,
  options: ConfigOptions,
): Promise<RealServer | undefined> {
  if (/\s/.test(text)) return undefined;
  const [virtual, real] =
    family === 'inet' ? ['virtual=0.0.0.0:1', 'real'] : ['virtual6=[::]:1', 'real6'];
  const file = `${virtual}\n\t${real}=${text} masq\n\tchecktype=on\n`;
  const { config } = await parseConfig(file, '', options);
  const reals = config?.virtuals[0]?.reals ?? [];
  return reals.length === 1 ? reals[0] : undefined;
}

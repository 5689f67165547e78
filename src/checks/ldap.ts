import type { Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { Client } from 'ldapts';
import type { NegotiateCheck } from '../config/check-model.ts';
import { type Check, type CheckOutcome, withWarning } from './check.ts';
import { destroyLater, openClientSocket, tame, untilAborted } from './client-socket.ts';
import { messageInspector } from './ldap-frames.ts';
import { oneLine } from './reason.ts';
import { type ReceiveSearch, receiveSearch } from './receive-search.ts';
import { certificateWarning, tlsFault, tlsOptions, tlsWish } from './tls-connection.ts';

/**
 * The check of ldap and ldaps (RFC 4511): binds with login and passwd if both are set and otherwise
 * anonymously, and looks up the one entry whose DN is the request without its leading "/". Up when
 * it is there and `receive`, if any, matches its DN. Of ldaps the certificate is verified only where
 * the file asks for it, as config has it.
 */
export const checkLdap: Check<NegotiateCheck> = async (definition, { signal }) => {
  const expression = receiveSearch(definition.receive);
  signal.throwIfAborted();
  const opened: { socket?: Socket; secure?: TLSSocket } = {};
  const open = (): Socket => {
    // The client would connect again by itself, without a bind, when the server hangs up.
    if (opened.socket !== undefined) throw new Error('connection closed by the server');
    opened.socket = openClientSocket(definition.target, signal);
    return opened.socket;
  };
  // The first to listen is asked first, and what it throws ends the connection (client-socket.ts).
  const openPlain = (): Socket => open().on('data', messageInspector());
  const openSecure = (): TLSSocket => {
    const options = tlsOptions(tlsWish(definition));
    opened.secure = tame(tlsConnect({ socket: open(), ...options }), signal);
    return opened.secure.on('data', messageInspector());
  };
  const client = new Client({
    url: urlOf(definition),
    createConnection: openPlain,
    createSecureConnection: openSecure,
  });
  try {
    const dns = await untilAborted(lookUp(client, definition), signal);
    const { settings } = tlsWish(definition);
    const warning = certificateWarning(opened.secure ?? null, settings, new Date());
    return withWarning(judge(dns, expression), warning);
  } catch (error) {
    const { socket, secure = socket } = opened;
    const fault = secure?.errored ?? socket?.errored;
    if (fault === undefined || fault === null) throw plainError(error);
    const reason = secure === undefined ? undefined : tlsFault(fault, secure);
    if (reason === undefined) throw fault;
    return { up: false, reason };
  } finally {
    void client.unbind().catch(() => {});
    if (opened.socket !== undefined) destroyLater(opened.socket);
  }
};

/** Binds and returns the DNs of what was found. */
async function lookUp(client: Client, definition: NegotiateCheck): Promise<readonly string[]> {
  const { login, passwd } = definition;
  const hasBoth = login !== '' && passwd !== '';
  await client.bind(hasBoth ? login : '', hasBoth ? passwd : '');
  const { searchEntries } = await client.search(definition.request.replace(/^\//, ''), {
    scope: 'base',
    filter: '(objectClass=*)',
    // "1.1": none (RFC 4511, 4.5.1.8); the DN comes all the same.
    attributes: ['1.1'],
  });
  return searchEntries.map(({ dn }) => dn);
}

function judge(dns: readonly string[], expression: ReceiveSearch): CheckOutcome {
  const [dn] = dns;
  if (dn === undefined || dns.length !== 1) {
    return { up: false, reason: `expected one entry, got ${dns.length}` };
  }
  const name = oneLine(dn === '' ? 'the root entry' : dn);
  if (expression.test(dn)) return { up: true, reason: name };
  // ldirectord's words for its monitorfile
  return { up: false, reason: `Response mismatch: ${name}` };
}

function urlOf({ service, target: { family, address, port } }: NegotiateCheck): string {
  return `${service}://${family === 'inet6' ? `[${address}]` : address}:${port}`;
}

/** The client's errors name its own classes; what is left is the server's answer. */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('Connection closed before'))
    return error;
  return new Error('connection closed by the server');
}

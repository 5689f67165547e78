import type { TcpService } from './service.ts';

/** Tags of LDAP's operations (RFC 4511, 4.2 to 4.5). */
const tags = { bind: 0x60, bound: 0x61, search: 0x63, entry: 0x64, done: 0x65 } as const;

/** LDAP: lets anybody in, and has one entry, which is the one asked for only when it is well. */
export const ldapService: TcpService = (socket, isWell) => {
  socket.on('data', (request: Buffer) => {
    const { id, tag } = headOf(request);
    if (tag === tags.bind) socket.write(message(id, tags.bound, success));
    if (tag === tags.search) {
      const name = isWell ? 'dc=example,dc=com' : 'dc=elsewhere';
      socket.write(message(id, tags.entry, entry(name)));
      socket.write(message(id, tags.done, success));
    }
  });
};

/** An LDAPResult without matched DN and text (4.1.9). */
const success = Buffer.from([0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00]);

/** A SearchResultEntry without attributes (4.5.2). */
function entry(name: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x04, name.length]),
    Buffer.from(name),
    Buffer.from([0x30, 0x00]),
  ]);
}

/** Number and operation of an LDAPMessage (4.1.1), however long its length is written. */
function headOf(request: Buffer): { readonly id: Buffer; readonly tag: number | undefined } {
  const form = request[1] ?? 0;
  const start = 2 + (form > 0x80 ? form - 0x80 : 0);
  const end = start + 2 + (request[start + 1] ?? 0);
  return { id: request.subarray(start, end), tag: request[end] };
}

function message(id: Buffer, tag: number, body: Buffer): Buffer {
  const operation = Buffer.concat([Buffer.from([tag, body.length]), body]);
  return Buffer.concat([Buffer.from([0x30, id.length + operation.length]), id, operation]);
}

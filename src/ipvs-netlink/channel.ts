import { AttributeError } from './attribute.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Command, encodeCommand } from './command.ts';
import { type ConnectionOptions, NetlinkConnection, type Request } from './connection.ts';
import { NetlinkError } from './errors.ts';
import type { Answer } from './exchange.ts';
import { GENL_ID_CTRL, readFamilyAnswer, writeFamilyRequest } from './generic-netlink.ts';
import { explain } from './meaning.ts';
import { MessageError, type NetlinkMessage } from './message.ts';

/** IPVS_GENL_NAME */
const IPVS_FAMILY = 'IPVS';

/** Commands of the IPVS family and the answers to them. One call at a time. */
export interface IpvsChannel {
  /** @throws NetlinkError when the kernel refuses. */
  request(command: Command): Promise<readonly NetlinkMessage[]>;
  /** @throws NetlinkError when the kernel refuses, or no dump came through whole. */
  dump(command: Command): Promise<readonly NetlinkMessage[]>;
  /** One answer per command, in order; one that fails, or cannot be encoded, stops no other. */
  batch(commands: readonly Command[]): Promise<readonly Answer[]>;
  close(): void;
}

/**
 * Opens a socket and asks for the number of the IPVS family.
 *
 * @throws NetlinkError ENOENT when the kernel has no IPVS; see also openGenericSocket().
 */
export async function openIpvsChannel(options: ConnectionOptions): Promise<IpvsChannel> {
  const connection = new NetlinkConnection(options);
  try {
    return channelOn(connection, await resolveFamily(connection));
  } catch (error) {
    connection.close();
    throw error;
  }
}

function channelOn(connection: NetlinkConnection, type: number): IpvsChannel {
  const toRequest = (command: Command): Request => ({
    operation: command.operation,
    type,
    body: encodeCommand(command),
  });
  return {
    request: async (command) => single(await batch(connection, [command], toRequest)),
    dump: async (command) => {
      try {
        return await connection.dump(toRequest(command));
      } catch (error) {
        throw error instanceof NetlinkError ? explain(command.subject, error) : error;
      }
    },
    batch: (commands) => batch(connection, commands, toRequest),
    close: () => connection.close(),
  };
}

async function batch(
  connection: NetlinkConnection,
  commands: readonly Command[],
  toRequest: (command: Command) => Request,
): Promise<readonly Answer[]> {
  const encoded = commands.map((command) => encodeOrFail(command, toRequest));
  const requests = encoded.flatMap((item) => (item instanceof NetlinkError ? [] : [item]));
  const answers = (await connection.batch(requests)).values();
  return commands.map(({ subject }, index) => {
    const item = encoded[index];
    if (item instanceof NetlinkError) return { messages: [], error: item };
    const { messages, error } = answers.next().value ?? { messages: [] };
    return error === undefined ? { messages } : { messages, error: explain(subject, error) };
  });
}

function encodeOrFail(
  command: Command,
  toRequest: (command: Command) => Request,
): Request | NetlinkError {
  try {
    return toRequest(command);
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
}

async function resolveFamily(connection: NetlinkConnection): Promise<number> {
  const operation = 'open IPVS';
  const out = new ByteWriter(64);
  writeFamilyRequest(out, IPVS_FAMILY);
  const answers = await connection.batch([{ operation, type: GENL_ID_CTRL, body: out.finish() }]);
  try {
    const [answer] = single(answers);
    if (answer === undefined) throw new MessageError('CTRL_CMD_GETFAMILY: expected an answer');
    return readFamilyAnswer(answer);
  } catch (error) {
    throw familyError(operation, error);
  }
}

function familyError(operation: string, error: unknown): unknown {
  if (error instanceof NetlinkError && error.code === 'ENOENT') {
    const detail = 'the kernel has no IPVS (expected the module ip_vs to be loaded)';
    return new NetlinkError({ operation, code: error.code, detail, cause: error });
  }
  if (error instanceof AttributeError || error instanceof MessageError) {
    return new NetlinkError({ operation, code: 'EBADMSG', detail: error.message, cause: error });
  }
  return error;
}

function single(answers: readonly Answer[]): readonly NetlinkMessage[] {
  for (const { error } of answers) if (error !== undefined) throw error;
  return answers.flatMap(({ messages }) => messages);
}

import {
  AttributeError,
  type AttributeTable,
  type AttributeValues,
  readAttributes,
  writeAttributes,
} from './attribute.ts';
import { ByteWriter } from './byte-writer.ts';
import { destinationIdToAttributes, destinationToAttributes } from './destination.ts';
import { NetlinkError } from './errors.ts';
import { readGenericHeader, writeGenericHeader } from './generic-netlink.ts';
import { COMMAND, COMMAND_ATTRIBUTES, type CommandValues } from './ipvs-attributes.ts';
import { destinationKey, serviceKey } from './keys.ts';
import type { Subject } from './meaning.ts';
import { MessageError, type NetlinkMessage } from './message.ts';
import type { Operation } from './model.ts';
import { serviceIdToAttributes, serviceToAttributes } from './service.ts';

/** IPVS_GENL_VERSION */
const IPVS_VERSION = 1;

/** A command of the IPVS family: what is asked, in words and in numbers. */
export interface Command {
  /** What it is for, in words: part of every error. */
  readonly operation: string;
  /** What it is about: decides what an errno means. */
  readonly subject: Subject;
  /** IPVS_CMD_* */
  readonly command: number;
  readonly values: () => CommandValues;
}

/**
 * The bytes of a command after the netlink header.
 *
 * @throws NetlinkError (EINVAL) when a value cannot be expressed.
 */
export function encodeCommand({ operation, command, values }: Command): Buffer {
  const out = new ByteWriter(256);
  writeGenericHeader(out, { command, version: IPVS_VERSION });
  try {
    writeAttributes(out, COMMAND_ATTRIBUTES, values());
  } catch (error) {
    if (!(error instanceof AttributeError)) throw error;
    throw new NetlinkError({ operation, code: 'EINVAL', detail: error.message, cause: error });
  }
  return out.finish();
}

/**
 * Reads one message of an answer.
 *
 * @param convert makes the caller's type of the attributes.
 * @throws NetlinkError (EBADMSG) when the bytes are not what the table says.
 */
export function decodeAnswer<T extends AttributeTable, Result>(
  operation: string,
  message: NetlinkMessage,
  table: T,
  convert: (values: AttributeValues<T>) => Result,
): Result {
  try {
    return convert(readAttributes(table, readGenericHeader(message).body));
  } catch (error) {
    if (!(error instanceof AttributeError || error instanceof MessageError)) throw error;
    throw new NetlinkError({ operation, code: 'EBADMSG', detail: error.message, cause: error });
  }
}

/** The command that carries out an operation on the table. */
export function operationToCommand(operation: Operation): Command {
  switch (operation.kind) {
    case 'add-service':
    case 'edit-service':
      return {
        operation: `${operation.kind} ${serviceKey(operation.service.id)}`,
        subject: 'service',
        command: operation.kind === 'add-service' ? COMMAND.newService : COMMAND.setService,
        values: () => ({ service: serviceToAttributes(operation.service) }),
      };
    case 'delete-service':
      return {
        operation: `delete-service ${serviceKey(operation.service)}`,
        subject: 'service',
        command: COMMAND.deleteService,
        values: () => ({ service: serviceIdToAttributes(operation.service) }),
      };
    case 'add-destination':
    case 'edit-destination':
      return {
        operation: `${operation.kind} ${destinationKey(operation.destination.id)} of ${serviceKey(operation.service)}`,
        subject: 'destination',
        command:
          operation.kind === 'add-destination' ? COMMAND.newDestination : COMMAND.setDestination,
        values: () => ({
          service: serviceIdToAttributes(operation.service),
          destination: destinationToAttributes(operation.destination),
        }),
      };
    case 'delete-destination':
      return {
        operation: `delete-destination ${destinationKey(operation.destination)} of ${serviceKey(operation.service)}`,
        subject: 'destination',
        command: COMMAND.deleteDestination,
        values: () => ({
          service: serviceIdToAttributes(operation.service),
          destination: destinationIdToAttributes(operation.destination),
        }),
      };
  }
}

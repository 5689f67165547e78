import type { Destination, Operation, ServiceId } from '../ipvs-netlink/model.ts';
import { operationWords } from './ipvsadm-words.ts';

/**
 * Why an operation must not be given to ipvsadm, which would do something else or more.
 *
 * ipvsadm 1.31 gives a routed or tunnelled server the port of its service without a word (not when
 * it deletes one), knows no local or bypass forwarding, and splits the lines of -R at blanks and
 * quotes.
 *
 * @returns undefined when there is nothing against it.
 */
export function ipvsadmObjection(operation: Operation): string | undefined {
  const strange = operationWords(operation).find((word) => !/^[\w.:,[\]-]+$/.test(word));
  if (strange !== undefined)
    return `ipvsadm: expected a plain word, got ${JSON.stringify(strange)}`;
  if (operation.kind !== 'add-destination' && operation.kind !== 'edit-destination') {
    return undefined;
  }
  return destinationObjection(operation.service, operation.destination);
}

function destinationObjection(service: ServiceId, destination: Destination): string | undefined {
  const { forwarding, id } = destination;
  if (forwarding === 'local' || forwarding === 'bypass') {
    return `ipvsadm: expected masq, route or tunnel forwarding, got "${forwarding}"`;
  }
  if (forwarding === 'masq' || 'fwmark' in service || id.port === service.port) return undefined;
  const expected = `port ${service.port} as its service with ${forwarding} forwarding`;
  return `ipvsadm: expected ${expected}, got "${id.port}"`;
}

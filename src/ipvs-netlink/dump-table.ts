import { required } from './attribute.ts';
import type { IpvsChannel } from './channel.ts';
import { type Command, decodeAnswer } from './command.ts';
import { destinationFromAttributes } from './destination.ts';
import { NetlinkError } from './errors.ts';
import { COMMAND, COMMAND_ATTRIBUTES } from './ipvs-attributes.ts';
import { destinationKey, serviceKey } from './keys.ts';
import type { DestinationEntry, ServiceEntry, ServiceId } from './model.ts';
import { serviceFromAttributes, serviceIdToAttributes } from './service.ts';

/** A service with its counters, but without its destinations. */
export type ServiceSummary = Omit<ServiceEntry, 'destinations'>;

/** All services, in the kernel's order. */
export async function dumpServices(channel: IpvsChannel): Promise<readonly ServiceSummary[]> {
  const operation = 'list services';
  const messages = await channel.dump({
    operation,
    subject: 'table',
    command: COMMAND.getService,
    values: () => ({}),
  });
  const services = messages.map((message) =>
    decodeAnswer(operation, message, COMMAND_ATTRIBUTES, (values) =>
      serviceFromAttributes(required(COMMAND_ATTRIBUTES, values, 'service')),
    ),
  );
  return uniqueBy(services, ({ id }) => serviceKey(id));
}

/**
 * The destinations of a service, in the kernel's order.
 *
 * @throws NetlinkError ESRCH when there is no such service.
 */
export async function dumpDestinations(
  channel: IpvsChannel,
  id: ServiceId,
): Promise<readonly DestinationEntry[]> {
  const destinations = await dumpWhatIsThere(channel, id);
  if (destinations.length === 0) await channel.request(getService(id));
  return destinations;
}

/**
 * All services with their destinations. Takes one dump per service, between which the table may
 * change: a service that vanishes meanwhile is left out.
 */
export async function dumpTable(channel: IpvsChannel): Promise<readonly ServiceEntry[]> {
  const entries: ServiceEntry[] = [];
  for (const service of await dumpServices(channel)) {
    entries.push({ ...service, destinations: await dumpIfPresent(channel, service.id) });
  }
  const gone = await vanished(
    channel,
    entries.filter(({ destinations }) => destinations.length === 0),
  );
  return entries.filter((entry) => !gone.has(entry));
}

/** A dump of the destinations of a service that does not exist is empty, not an error. */
async function dumpWhatIsThere(
  channel: IpvsChannel,
  id: ServiceId,
): Promise<readonly DestinationEntry[]> {
  const operation = `list destinations of ${serviceKey(id)}`;
  const messages = await channel.dump({
    operation,
    subject: 'service',
    command: COMMAND.getDestination,
    values: () => ({ service: serviceIdToAttributes(id) }),
  });
  const destinations = messages.map((message) =>
    decodeAnswer(operation, message, COMMAND_ATTRIBUTES, (values) =>
      destinationFromAttributes(required(COMMAND_ATTRIBUTES, values, 'destination'), id.family),
    ),
  );
  return uniqueBy(destinations, (destination) => destinationKey(destination.id));
}

async function dumpIfPresent(
  channel: IpvsChannel,
  id: ServiceId,
): Promise<readonly DestinationEntry[]> {
  try {
    return await dumpWhatIsThere(channel, id);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** Of services without destinations, those that the kernel does not have any more. */
async function vanished(
  channel: IpvsChannel,
  entries: readonly ServiceEntry[],
): Promise<ReadonlySet<ServiceEntry>> {
  const answers = await channel.batch(entries.map(({ id }) => getService(id)));
  return new Set(
    entries.filter((_, index) => {
      const error = answers[index]?.error;
      if (error !== undefined && !isAbsent(error)) throw error;
      return error !== undefined;
    }),
  );
}

function getService(id: ServiceId): Command {
  return {
    operation: `look up ${serviceKey(id)}`,
    subject: 'service',
    command: COMMAND.getService,
    values: () => ({ service: serviceIdToAttributes(id) }),
  };
}

function isAbsent(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === 'ESRCH' || error.code === 'ENOENT');
}

/** A dump in several parts may say an entry twice when others were added in between. */
function uniqueBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

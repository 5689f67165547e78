import type {
  AddressServiceId,
  Destination,
  DestinationId,
  FwmarkServiceId,
  Service,
  ServiceId,
} from '../../../src/ipvs-netlink/index.ts';

export const TCP4: AddressServiceId = {
  family: 'inet',
  protocol: 'tcp',
  address: '10.0.0.1',
  port: 80,
};
export const UDP6: AddressServiceId = {
  family: 'inet6',
  protocol: 'udp',
  address: 'fd00::1',
  port: 53,
};
export const MARK4: FwmarkServiceId = { family: 'inet', fwmark: 7 };
export const MARK6: FwmarkServiceId = { family: 'inet6', fwmark: 4294967295 };

/** A plain wrr service with those changes. */
export function service(id: ServiceId, changes: Partial<Service> = {}): Service {
  return {
    id,
    scheduler: 'wrr',
    schedulerFlags: 0,
    persistenceTimeoutS: 0,
    persistenceNetmask: id.family === 'inet' ? '255.255.255.255' : '128',
    persistenceEngine: '',
    onePacket: false,
    ...changes,
  };
}

export function destinationId(address: string, port = 80): DestinationId {
  return { family: address.includes(':') ? 'inet6' : 'inet', address, port };
}

/** A direct routing destination of weight 1 with those changes. */
export function destination(
  address: string,
  changes: Partial<Destination> & { readonly port?: number } = {},
): Destination {
  const { port = 80, ...rest } = changes;
  return {
    id: destinationId(address, port),
    forwarding: 'route',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    ...rest,
  };
}

import { schedulerFlagBits } from '../backend/scheduler-flags.ts';
import type { FallbackServer, ForwardMethod, RealServer, VirtualServer } from '../config/model.ts';
import type { Destination, ForwardingMethod, Service } from '../ipvs-netlink/model.ts';

/** The service of a virtual server, without its destinations. */
export function kernelService(virtual: VirtualServer): Service {
  const { id } = virtual;
  const wholeMask = id.family === 'inet' ? '255.255.255.255' : '128';
  const isUdp = !('fwmark' in id) && id.protocol === 'udp';
  return {
    id,
    scheduler: virtual.scheduler,
    schedulerFlags: schedulerFlagBits(virtual.scheduler, virtual.schedulerFlags),
    persistenceTimeoutS: virtual.persistentS,
    // ldirectord passes a netmask on only together with persistence
    persistenceNetmask: virtual.persistentS > 0 ? (virtual.netmask ?? wholeMask) : wholeMask,
    persistenceEngine: virtual.persistentS > 0 ? (virtual.persistentEngine ?? '') : '',
    // the kernel schedules single packets of UDP only; ldirectord drops ops= elsewhere
    onePacket: virtual.onePacket && isUdp,
  };
}

/** The destination that a real server is while it serves. */
export function realDestination(virtual: VirtualServer, real: RealServer): Destination {
  return {
    ...destinationAt(virtual, real, real.forward),
    weight: real.weight,
    upperThreshold: real.upperThreshold,
    lowerThreshold: real.lowerThreshold,
  };
}

/** The destination that a virtual's fallback is while no real server serves. */
export function fallbackDestination(virtual: VirtualServer, fallback: FallbackServer): Destination {
  return {
    ...destinationAt(virtual, fallback, fallback.forward),
    weight: fallback.weight,
    upperThreshold: 0,
    lowerThreshold: 0,
  };
}

/** ipvsadm's edit to weight 0 leaves thresholds out, which sets them to 0; so does ours. */
export function quiesced(destination: Destination): Destination {
  return { ...destination, weight: 0, upperThreshold: 0, lowerThreshold: 0 };
}

function destinationAt(
  virtual: VirtualServer,
  server: Pick<RealServer, 'family' | 'address' | 'port' | 'tunnel'>,
  forward: ForwardMethod,
): Pick<Destination, 'id' | 'forwarding' | 'tunnel'> {
  const { family, address } = server;
  const forwarding = forwardingMethods[forward];
  // Direct routing and tunnels leave the packet's port alone, so the kernel entry carries the
  // virtual's port, as ipvsadm writes it; the check still goes to the port of the file.
  const port = forwarding === 'masq' || 'fwmark' in virtual.id ? server.port : virtual.id.port;
  const id = { family, address, port };
  if (forwarding !== 'tunnel') return { id, forwarding };
  const { tunnel = { type: 'ipip', port: 0, checksum: 'nocsum' } } = server;
  return { id, forwarding, tunnel };
}

const forwardingMethods = {
  gate: 'route',
  masq: 'masq',
  ipip: 'tunnel',
} as const satisfies Record<ForwardMethod, ForwardingMethod>;

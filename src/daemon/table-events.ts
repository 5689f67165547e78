import type { TableEvent } from '../alerts/event.ts';
import type { VirtualServer } from '../config/model.ts';
import { destinationKey, serviceKey } from '../ipvs-netlink/keys.ts';
import type { Operation, OperationOutcome, TableService } from '../ipvs-netlink/model.ts';
import { fallbackDestination } from '../reconcile/entries.ts';
import { changeText } from './change-text.ts';

/**
 * The changes of the kernel's table that succeeded, in words.
 *
 * @param virtuals the virtual servers that they can be about, by `serviceKey`.
 */
export function tableEvents(
  outcomes: readonly OperationOutcome[],
  cause: TableEvent['cause'],
  virtuals: ReadonlyMap<string, VirtualServer>,
): readonly TableEvent[] {
  return outcomes.flatMap(({ operation, error }) => {
    const virtual = virtuals.get(serviceKey(serviceOf(operation)));
    if (error || virtual === undefined) return [];
    const isFallback = fallbackTest(virtual);
    const text = changeText(operation, (_, name) => isFallback(name));
    return { kind: 'table', what: whatOf(operation, isFallback), virtual, text, cause };
  });
}

/**
 * What the deletion of whole services at the end means, one event for each server that was in use,
 * as ldirectord tells it.
 *
 * @param before the services as they were.
 */
export function purgeEvents(
  outcomes: readonly OperationOutcome[],
  before: readonly TableService[],
  virtuals: ReadonlyMap<string, VirtualServer>,
): readonly TableEvent[] {
  const services = new Map(before.map((service) => [serviceKey(service.id), service]));
  return outcomes.flatMap(({ operation, error }): readonly TableEvent[] => {
    const key = serviceKey(serviceOf(operation));
    const virtual = virtuals.get(key);
    if (error || virtual === undefined) return [];
    const isFallback = fallbackTest(virtual);
    const shared = { kind: 'table', virtual, cause: 'change' } as const;
    const reals = (services.get(key)?.destinations ?? [])
      .filter(({ weight }) => weight > 0)
      .map(({ id }) => destinationKey(id))
      .filter((name) => !isFallback(name))
      .map((name): TableEvent => {
        const text = `Purged real server (stop): ${name} (${virtual.label})`;
        return { ...shared, what: 'real', text };
      });
    const text = `Purged virtual server (stop): ${virtual.label}`;
    return [...reals, { ...shared, what: 'virtual', text }];
  });
}

function serviceOf(operation: Operation) {
  switch (operation.kind) {
    case 'add-service':
    case 'edit-service':
      return operation.service.id;
    default:
      return operation.service;
  }
}

function whatOf(operation: Operation, isFallback: (name: string) => boolean): TableEvent['what'] {
  switch (operation.kind) {
    case 'add-destination':
    case 'edit-destination':
      return isFallback(destinationKey(operation.destination.id)) ? 'fallback' : 'real';
    case 'delete-destination':
      return isFallback(destinationKey(operation.destination)) ? 'fallback' : 'real';
    default:
      return 'virtual';
  }
}

function fallbackTest(virtual: VirtualServer): (name: string) => boolean {
  const ids = virtual.fallbacks.map((fallback) => fallbackDestination(virtual, fallback).id);
  const keys = new Set(ids.map(destinationKey));
  return (name) => keys.has(name);
}

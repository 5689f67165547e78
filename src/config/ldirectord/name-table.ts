import type { AddressFamily, TransportProtocol } from '../endpoint.ts';
import type { Resolver } from '../names.ts';

/** Not known yet. */
export const pending = Symbol('pending');

/**
 * Answers about names that are known so far. Asking for another one gives `pending` and puts it on
 * the list that `fill` looks up, so that resolving stays a pure function that runs again.
 */
export interface NameTable {
  address(name: string, family: AddressFamily): string | typeof pending | undefined;
  port(name: string, protocol: TransportProtocol): number | typeof pending | undefined;
  /**
   * Looks up all names asked for since the last time, side by side and each one once.
   * @returns false when there were none.
   */
  fill(): Promise<boolean>;
}

export function nameTable(resolver: Resolver): NameTable {
  const addresses = lookupOnce<string>();
  const ports = lookupOnce<number>();
  return {
    address: (name, family) =>
      addresses.get(`${family} ${name}`, () => resolver.lookup(name, family)),
    port: (name, protocol) =>
      ports.get(`${protocol} ${name}`, () => resolver.servicePort(name, protocol)),
    async fill() {
      const filled = await Promise.all([addresses.fill(), ports.fill()]);
      return filled.includes(true);
    },
  };
}

function lookupOnce<T>() {
  const known = new Map<string, T | undefined>();
  const wanted = new Map<string, () => Promise<T | undefined>>();
  return {
    get(key: string, ask: () => Promise<T | undefined>): T | typeof pending | undefined {
      if (known.has(key)) return known.get(key);
      wanted.set(key, ask);
      return pending;
    },
    async fill(): Promise<boolean> {
      const asked = [...wanted];
      wanted.clear();
      await Promise.all(
        asked.map(async ([key, ask]) => {
          known.set(key, await ask());
        }),
      );
      return asked.length > 0;
    },
  };
}

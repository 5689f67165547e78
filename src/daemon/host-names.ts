import { Resolver } from 'node:dns/promises';

/** The host names of an address; [] when there are none. */
export type ReverseLookup = (address: string) => Promise<readonly string[]>;

/** So many questions are on their way at a time. */
const atOnce = 16;

/** Reverse DNS and /etc/hosts, without a thread that could block. */
export function systemReverseLookup(): ReverseLookup {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  return async (address) => {
    try {
      return await resolver.reverse(address);
    } catch {
      return [];
    }
  };
}

/** Host names of addresses, asked for ahead of time, so that nothing has to wait for DNS later. */
export class HostNames {
  readonly #lookup: ReverseLookup;
  readonly #names = new Map<string, readonly string[]>();

  constructor(lookup: ReverseLookup) {
    this.#lookup = lookup;
  }

  /** What was last found; [] when nothing was. */
  of(address: string): readonly string[] {
    return this.#names.get(address) ?? [];
  }

  /** Asks for all of them; an address without an answer keeps the names that it had. */
  async ask(addresses: Iterable<string>): Promise<void> {
    const open = [...new Set(addresses)];
    const worker = async (): Promise<void> => {
      for (let address = open.pop(); address !== undefined; address = open.pop()) {
        const names = await this.#lookup(address).catch(() => []);
        if (names.length > 0) this.#names.set(address, names);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}

import { serverKey } from '../../config/keys.ts';
import type { Config } from '../../config/model.ts';
import type { Clock, Timer } from '../../health/clock.ts';
import type { DaemonEvent, ServerOfVirtual } from '../event.ts';

interface OutOfService {
  readonly server: ServerOfVirtual;
  readonly timer: Timer | undefined;
}

/**
 * Calls again and again for every server that is out of service, at the `emailalertfreq` of its
 * virtual server. The first call comes one such time after the server went out.
 */
export class Reminders {
  readonly #clock: Clock;
  readonly #onDue: (server: ServerOfVirtual) => void;
  #out = new Map<string, OutOfService>();

  constructor(clock: Clock, onDue: (server: ServerOfVirtual) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  observe(event: DaemonEvent): void {
    if (event.kind === 'config') this.#follow(event.config);
    if (event.kind !== 'server') return;
    const { server, inService } = event;
    this.#out.get(server.key)?.timer?.cancel();
    if (inService) this.#out.delete(server.key);
    else this.#await(server);
  }

  /** No more calls. */
  stop(): void {
    for (const { timer } of this.#out.values()) timer?.cancel();
    this.#out.clear();
  }

  #await(server: ServerOfVirtual): void {
    const { frequencyS } = server.virtual.emailAlert;
    const due = (): void => {
      const current = this.#out.get(server.key)?.server ?? server;
      this.#await(current);
      this.#onDue(current);
    };
    const timer = frequencyS > 0 ? this.#clock.setTimer(due, frequencyS * 1000) : undefined;
    this.#out.set(server.key, { server, timer });
  }

  /** Servers that left the file are forgotten; of the others only a changed frequency matters. */
  #follow(config: Config): void {
    const before = this.#out;
    this.#out = new Map();
    for (const virtual of config.virtuals) {
      for (const real of virtual.reals) {
        const key = serverKey(virtual, real);
        const known = before.get(key);
        if (known === undefined) continue;
        before.delete(key);
        const server = { key, virtual, real };
        const old = known.server.virtual.emailAlert.frequencyS;
        if (old === virtual.emailAlert.frequencyS) this.#out.set(key, { ...known, server });
        else {
          known.timer?.cancel();
          this.#await(server);
        }
      }
    }
    for (const { timer } of before.values()) timer?.cancel();
  }
}

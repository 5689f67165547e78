import type { AlertStatus } from '../../config/model.ts';
import type { Role } from '../../config/role.ts';
import type { SmtpSettings } from '../../config/settings.ts';
import type { DaemonEvent, Observer, ServerOfVirtual } from '../event.ts';
import { Batches } from './batches.ts';
import { letterAbout, reminderText } from './letter.ts';
import { Outbox, type OutboxParts } from './outbox.ts';
import { Reminders } from './reminders.ts';
import { mailRoute } from './route.ts';

/** What alert mails are made with. */
export interface MailParts extends OutboxParts {
  readonly settings: SmtpSettings;
  /** Name of this machine. */
  readonly host: string;
}

/**
 * Mails to `emailalert`: one for every change of a real server or fallback in the table, one for
 * each server that only minservers keeps in service, and reminders while a server is out of
 * service. Nothing changed, at a start too: no mail. Repairs of what somebody else did to the table
 * are no change. A director in standby is silent: the active one writes.
 */
export class MailAlerts implements Observer {
  readonly name = 'emailalert';
  readonly #parts: MailParts;
  readonly #outbox: Outbox;
  readonly #batches: Batches;
  readonly #reminders: Reminders;
  #phase: AlertStatus = 'starting';
  #role: Role = 'active';
  #from: string | undefined;

  constructor(parts: MailParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts);
    this.#batches = new Batches(parts.clock, parts.host, (letter) => {
      this.#outbox.add(letter, mailRoute(letter.smtp, parts.settings));
    });
    this.#reminders = new Reminders(parts.clock, (server) => this.#remind(server));
  }

  observe(event: DaemonEvent): void {
    this.#reminders.observe(event);
    if (event.kind === 'role') this.#role = event.role;
    if (event.kind === 'config') this.#from = event.config.emailAlertFrom;
    if (event.kind === 'phase' && event.phase === 'stopped') this.#reminders.stop();
    if (event.kind === 'phase' && event.phase !== 'stopped') this.#phase = event.phase;
    if (event.kind === 'kept') this.#write(event.text, event.virtual);
    if (event.kind !== 'table' || event.what === 'virtual' || event.cause === 'drift') return;
    this.#write(event.text, event.virtual);
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#reminders.stop();
    this.#batches.flush();
    await this.#outbox.close(signal);
  }

  #remind(server: ServerOfVirtual): void {
    this.#write(reminderText(server), server.virtual);
  }

  #write(text: string, virtual: ServerOfVirtual['virtual']): void {
    if (this.#role === 'standby') return;
    const head = { host: this.#parts.host, phase: this.#phase, from: this.#from };
    const letter = letterAbout(text, virtual, head);
    if (letter !== undefined) this.#batches.add(letter);
  }
}

import type { Logger } from 'pino';
import type { DaemonEvent } from '../alerts/event.ts';
import type { IpvsBackend } from '../backend/backend.ts';
import type { CheckContext, CheckOutcome } from '../checks/check.ts';
import type { CheckDefinition } from '../config/check-model.ts';
import type { Clock } from '../health/clock.ts';
import type { RunLimits } from '../health/run-limits.ts';
import type { RoleParts } from './director-role.ts';
import type { KernelSettings } from './kernel-settings.ts';
import type { ManagedServices } from './managed-services.ts';

/** What a daemon lives on; every effect is handed in. */
export interface DaemonParts {
  readonly backend: IpvsBackend;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kernelSettings: Pick<KernelSettings, 'apply' | 'restore' | 'settings'>;
  /** Remembers, over a crash, which services are ours. */
  readonly services: Pick<
    ManagedServices,
    'recalled' | 'remember' | 'shared' | 'forget' | 'keepAtStop'
  >;
  readonly role: RoleParts;
  /** Runs one check; never rejects. */
  readonly runCheck: (definition: CheckDefinition, context: CheckContext) => Promise<CheckOutcome>;
  readonly runLimits: RunLimits;
  /** Told what happens, in order; must return at once and not throw. */
  readonly tell: (event: DaemonEvent) => void;
}

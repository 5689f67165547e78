import { type DifferentialCase, still } from '../differential-case.ts';

/** Files whose table no check decides. */
export const tableCases: readonly DifferentialCase[] = [
  still('persistence'),
  still('one-packet'),
  still('port-53'),
  still('firewall-marks'),
  still('ipv6'),
  still('ports'),
  still('range'),
  still('weights'),
  still('thresholds'),
  still('schedulers'),
  still('fallbacks'),
  still('tcp-and-udp'),
  still('spelling'),
  still('empty'),
  still('www-example'),
];

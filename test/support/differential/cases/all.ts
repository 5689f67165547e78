import type { DifferentialCase } from '../differential-case.ts';
import { healthCases } from './health.ts';
import { lifeCases } from './lives.ts';
import { serviceCases } from './services.ts';
import { tableCases } from './tables.ts';

/** The whole suite. */
export const allCases: readonly DifferentialCase[] = [
  ...tableCases,
  ...healthCases,
  ...serviceCases,
  ...lifeCases,
];

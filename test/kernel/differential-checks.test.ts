import { healthCases } from '../support/differential/cases/health.ts';
import { serviceCases } from '../support/differential/cases/services.ts';
import { describeCases } from '../support/differential/suite.ts';

describeCases('checks, and servers that fail and come back, as ldirectord has it', [
  ...healthCases,
  ...serviceCases,
]);

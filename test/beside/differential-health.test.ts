import { healthCases } from '../support/differential/cases/health.ts';
import { describeCases } from '../support/differential/suite.ts';

describeCases('servers that fail and come back, as ldirectord has it', healthCases);

import { serviceCases } from '../support/differential/cases/services.ts';
import { describeCases } from '../support/differential/suite.ts';

describeCases('what checks ask, and which answers are good, as ldirectord has it', serviceCases);

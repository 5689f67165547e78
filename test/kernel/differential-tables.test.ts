import { tableCases } from '../support/differential/cases/tables.ts';
import { describeCases } from '../support/differential/suite.ts';

describeCases('files whose table no check decides, as ldirectord has it', tableCases);

import { lifeCases } from '../support/differential/cases/lives.ts';
import { tableCases } from '../support/differential/cases/tables.ts';
import { describeCases } from '../support/differential/suite.ts';

// the long ones first
describeCases('files, and what their daemons find, are told and leave, as ldirectord has it', [
  ...lifeCases,
  ...tableCases,
]);

import { lifeCases } from '../support/differential/cases/lives.ts';
import { describeCases } from '../support/differential/suite.ts';

describeCases('what a daemon finds, is told, and leaves, as ldirectord has it', lifeCases);

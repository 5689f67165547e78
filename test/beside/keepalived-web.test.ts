import { webGroup } from '../support/keepalived-differential/cases.ts';
import { describeGroup } from '../support/keepalived-differential/suite.ts';

describeGroup('keepalived and ipvsd: web checks, and many checks of one server', webGroup);

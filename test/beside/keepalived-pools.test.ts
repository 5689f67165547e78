import { poolGroup } from '../support/keepalived-differential/cases.ts';
import { describeGroup } from '../support/keepalived-differential/suite.ts';

describeGroup('keepalived and ipvsd: pools of servers', poolGroup);

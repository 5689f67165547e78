import { serviceGroup } from '../support/keepalived-differential/cases.ts';
import { describeGroup } from '../support/keepalived-differential/suite.ts';

describeGroup('keepalived and ipvsd: services', serviceGroup);

import { goneGroup } from '../support/keepalived-differential/cases.ts';
import { describeGroup } from '../support/keepalived-differential/suite.ts';

describeGroup('keepalived and ipvsd: servers that are not there', goneGroup);

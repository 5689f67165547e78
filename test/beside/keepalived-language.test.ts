import { languageGroup } from '../support/keepalived-differential/cases.ts';
import { describeGroup } from '../support/keepalived-differential/suite.ts';

describeGroup('keepalived and ipvsd: the language of keepalived.conf', languageGroup);

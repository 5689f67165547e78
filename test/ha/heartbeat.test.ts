import { describeSeed004Cluster } from '../support/ha/seed004-cluster.ts';

describeSeed004Cluster({ name: 'ipvsd' });

import { describeSeed004Cluster } from '../support/ha/seed004-cluster.ts';

// The same with the program that ipvsd takes the place of, for the figures.
describeSeed004Cluster({ name: 'ldirectord', script: '/usr/sbin/ldirectord' });

import type { DaemonHead } from '../../src/status/snapshot.ts';

/** What a daemon tells of itself on its control socket. */
export const head = {
  version: '1',
  instance: 'a.cf',
  pid: 7,
  config: '/a.cf',
  networkNamespace: 'n',
  state: 'running',
  role: 'active',
} as const satisfies DaemonHead;

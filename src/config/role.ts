import type { Conduct, Config } from './model.ts';

export const roles = ['active', 'standby'] as const;

/** Whether a director is the one that has the clients, or waits until it is. */
export type Role = (typeof roles)[number];

export function isRole(word: unknown): word is Role {
  return roles.some((role) => role === word);
}

const fully: Conduct = { checks: 'full', table: 'keep' };

/** What a role means under a file; the only place where an active and a standby director differ. */
export function conductOf(role: Role, { standby }: Pick<Config, 'standby'>): Conduct {
  return role === 'active' ? fully : standby;
}

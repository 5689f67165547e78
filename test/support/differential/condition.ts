/**
 * How a real server of the differential suite is: `wrong` answers, but not what a check wants to
 * hear; `silent` takes connections and says nothing; `refusing` has nothing that listens; `gone`
 * does not even have its address.
 */
export type Condition = 'up' | 'wrong' | 'silent' | 'refusing' | 'gone';

/** The real servers, by the last part of their addresses 10.9.0.x and fd00:9::x. */
export const servers = ['101', '102', '103'] as const;
export type ServerName = (typeof servers)[number];

export type Conditions = Readonly<Record<ServerName, Condition>>;

/** Both addresses of a server. */
export function addressesOf(server: ServerName): readonly [string, string] {
  return [`10.9.0.${server}`, `fd00:9::${server}`];
}

import type { ExecResult } from '../topology/host.ts';

/** A machine or a network namespace. */
interface Place {
  exec(command: readonly string[]): Promise<ExecResult>;
}

/**
 * The TCP connections that a director knows.
 *
 * @returns server by client, as `192.0.2.101:80` by `10.9.0.20:40000`; of the templates of
 *   persistence, whose client has port 0, too.
 */
export async function connectionsOf(director: Place): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await director.exec(['ipvsadm', '-Lnc']);
  // TCP 14:59 ESTABLISHED 10.9.0.20:40000 198.51.100.80:80 192.0.2.101:80
  const rows = stdout.split('\n').filter((line) => line.startsWith('TCP '));
  return new Map(
    rows.map((row) => {
      const [, , , from = '', , to = ''] = row.split(/\s+/);
      return [from, to];
    }),
  );
}

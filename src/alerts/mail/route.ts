import type { SmtpSettings } from '../../config/settings.ts';

/** Which way a mail takes. */
export type MailRoute =
  | { readonly kind: 'sendmail' }
  | {
      readonly kind: 'smtp';
      readonly host: string;
      readonly port: number;
      readonly startTls: SmtpSettings['startTls'];
      readonly caFile?: string;
      readonly login?: { readonly user: string; readonly password: string };
    };

/**
 * The way of a mail: the `smtp` of the configuration file, else the host of ipvsd.ini, else the
 * local mail system. The login of ipvsd.ini is for its own host; without a host there it is for
 * whatever the configuration file names.
 *
 * @param smtp `HOST` or `HOST:PORT`.
 */
export function mailRoute(smtp: string | undefined, settings: SmtpSettings): MailRoute {
  const { caFile, user, password, startTls } = settings;
  const place = smtp === undefined ? undefined : hostPort(smtp);
  const host = place?.host ?? settings.host;
  if (host === undefined) return { kind: 'sendmail' };
  const isOurs = settings.host === undefined || settings.host === host;
  return {
    kind: 'smtp',
    host,
    port: place?.port ?? (isOurs ? settings.port : 25),
    startTls: isOurs ? startTls : 'try',
    ...(caFile !== undefined && { caFile }),
    ...(isOurs && user !== undefined && password !== undefined && { login: { user, password } }),
  };
}

/** For logs, and to tell ways apart. */
export function routeName(route: MailRoute): string {
  return route.kind === 'sendmail' ? 'sendmail' : `${route.host}:${route.port}`;
}

function hostPort(text: string): { readonly host: string; readonly port?: number } {
  const [, bracketed, plain = '', port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain, ...(port !== undefined && { port: Number(port) }) };
}

import { parse } from 'ini';
import { z } from 'zod';
import { readRegularFileSync } from './regular-file.ts';
import { systemErrorText } from './system-error.ts';

/** How the process itself runs: ipvsd.ini. What is balanced stands in the other file. */
export interface Settings {
  readonly smtp: SmtpSettings;
}

/** How alert mails leave this machine. */
export interface SmtpSettings {
  /** Absent: the `smtp` of the configuration file, or the local mail system. */
  readonly host?: string;
  readonly port: number;
  /** Login, with `password`. */
  readonly user?: string;
  readonly password?: string;
  /** `try`: if the server offers it, whatever its certificate; `require`: with a valid one only. */
  readonly startTls: 'never' | 'try' | 'require';
  /** PEM file of the authorities that `require` trusts; absent: those of the system. */
  readonly caFile?: string;
  /** Sender, where the configuration file has no `emailalertfrom`. */
  readonly from?: string;
}

/** The settings cannot be read, or are not right: one line each, joined. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export const defaultSettingsPath = '/etc/ipvsd/ipvsd.ini';

const text = z.string({ error: 'expected a text' }).min(1);
const port = z
  .string()
  .regex(/^\d+$/, 'expected a whole number 1..65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'expected a whole number 1..65535');
const startTls = z.enum(['never', 'try', 'require'], {
  error: 'expected one of never, try, require',
});

const smtpSection = z.strictObject({
  host: text.optional(),
  port: port.optional(),
  user: text.optional(),
  password: text.optional(),
  passwordfile: text.optional(),
  starttls: startTls.optional(),
  cafile: text.optional(),
  from: text.optional(),
});
const schema = z.strictObject({ smtp: smtpSection.optional() });

type SmtpSection = z.infer<typeof smtpSection>;

/** The settings by their sections, in the order of the manual. */
export function settingNames(): Readonly<Record<string, readonly string[]>> {
  return { smtp: Object.keys(smtpSection.shape) };
}

/**
 * Reads ipvsd.ini.
 *
 * @param path what was asked for; absent: the usual place, where a missing file means defaults.
 * @throws SettingsError with everything that is wrong, one line each.
 */
export function loadSettings(path?: string): Settings {
  const place = path ?? defaultSettingsPath;
  const content = readIfThere(place, path !== undefined);
  const result = schema.safeParse(plain(parse(content)));
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${place}: ${issueText(issue)}`);
    throw new SettingsError(lines.join('\n'));
  }
  return { smtp: smtpSettings(result.data.smtp ?? {}, place) };
}

function readIfThere(path: string, isWanted: boolean): string {
  try {
    return readRegularFileSync(path).toString();
  } catch (error) {
    if (!isWanted && isNotThere(error)) return '';
    throw new SettingsError(`${path}: cannot be read: ${systemErrorText(error)}`);
  }
}

/** `ini` makes words like true into values; here every value is a text. */
function plain(value: unknown): unknown {
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function smtpSettings(section: SmtpSection, place: string): SmtpSettings {
  const { host, user, from, cafile } = section;
  const password = passwordOf(section, place);
  if ((user === undefined) !== (password === undefined)) {
    const missing = user === undefined ? 'user' : 'password or passwordfile';
    throw new SettingsError(
      `${place}: [smtp] login: expected user and password, ${missing} is missing`,
    );
  }
  return {
    ...(host !== undefined && { host }),
    port: section.port ?? 25,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    // a password does not go out in the clear unless that is asked for
    startTls: section.starttls ?? (user === undefined ? 'try' : 'require'),
    ...(cafile !== undefined && { caFile: cafile }),
    ...(from !== undefined && { from }),
  };
}

function passwordOf({ password, passwordfile }: SmtpSection, place: string): string | undefined {
  if (passwordfile === undefined) return password;
  if (password !== undefined) {
    throw new SettingsError(`${place}: [smtp] password: expected this or passwordfile, got both`);
  }
  try {
    return readRegularFileSync(passwordfile).toString().split('\n')[0]?.trimEnd() ?? '';
  } catch (error) {
    const at = `${place}: [smtp] passwordfile`;
    throw new SettingsError(`${at}: "${passwordfile}" cannot be read: ${systemErrorText(error)}`);
  }
}

function issueText(issue: z.core.$ZodIssue): string {
  const [section = '', key] = issue.path.map(String);
  const place = key === undefined ? section : `[${section}] ${key}`;
  if (issue.code === 'unrecognized_keys') {
    const what = section === '' ? 'section or setting' : `setting of [${section}]`;
    return `"${issue.keys.join('", "')}": no ${what} of that name`;
  }
  if (issue.code === 'too_small') return `${place}: expected a text, got nothing`;
  return `${place}: ${issue.message}`;
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

import { readFile } from 'node:fs/promises';

export interface AccountIds {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where accounts stand: passwd(5) and group(5). */
const systemFiles = { passwd: '/etc/passwd', group: '/etc/group' };

/**
 * The numbers of a user and a group. Without a group it is the user's own. Only the files are
 * looked at, no directory service.
 *
 * @throws Error when one of the two does not stand there, or a file cannot be read.
 */
export async function accountIds(
  names: { readonly user: string | undefined; readonly group: string | undefined },
  files = systemFiles,
): Promise<AccountIds> {
  const [uid, ownGid] =
    names.user === undefined ? [] : await numbersOf('user', names.user, files.passwd);
  const [gid] =
    names.group === undefined ? [ownGid] : await numbersOf('group', names.group, files.group);
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}

/** The numbers in the third and fourth field; the latter is the group in passwd(5). */
async function numbersOf(
  kind: 'user' | 'group',
  name: string,
  file: string,
): Promise<readonly number[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([first]) => first === name);
  const wanted = kind === 'user' ? 2 : 1;
  const digits = fields?.slice(2, 2 + wanted) ?? [];
  if (digits.length !== wanted || !digits.every((text) => /^\d+$/.test(text))) {
    throw new Error(`${kind} "${name}" not found in ${file}`);
  }
  return digits.map(Number);
}

import { readdirSync, readlinkSync } from 'node:fs';

/**
 * What the open files of a process are: paths, `socket:[INODE]` and the like; proc_pid_fd(5).
 *
 * @returns undefined when the process is gone, or not for us to look at.
 */
export function openFiles(pid: number): readonly string[] | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((fd) => linkTarget(`${folder}/${fd}`));
  } catch {
    return undefined;
  }
}

/** @returns nothing for one that is closed by now. */
function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

import { BackendError, type IpvsBackend } from './backend.ts';
import { MemoryBackend } from './memory.ts';
import { NetlinkBackend, NetlinkUnusableError } from './netlink.ts';

/** `auto` is netlink, or ipvsadm where netlink does not work. */
const backendChoices = ['auto', 'netlink', 'ipvsadm', 'memory'] as const;

export type BackendChoice = (typeof backendChoices)[number];

/** Whether a word of the command line names a backend. */
export function isBackendChoice(word: string): word is BackendChoice {
  return backendChoices.some((choice) => choice === word);
}

export interface OpenedBackend {
  readonly backend: IpvsBackend;
  /** Which it is and why, for the log: `ipvsadm (/usr/sbin/ipvsadm), as netlink failed: ...`. */
  readonly reason: string;
}

export interface KernelBackends {
  readonly netlink: () => Promise<IpvsBackend>;
  readonly ipvsadm: () => Promise<IpvsBackend>;
}

/**
 * Opens the way to the kernel's table. `auto` turns to ipvsadm only when netlink itself is of no
 * use here (its native part does not load, the kernel has no generic netlink); a kernel without
 * ip_vs and a process without permission are the same by either way.
 *
 * @throws BackendError in one line for the operator.
 */
export async function openBackend(
  choice: BackendChoice,
  open: KernelBackends = kernelBackends,
): Promise<OpenedBackend> {
  switch (choice) {
    case 'memory':
      return { backend: new MemoryBackend(), reason: 'memory, nothing reaches the kernel' };
    case 'netlink':
      return { backend: await open.netlink(), reason: 'netlink' };
    case 'ipvsadm':
      return { backend: await open.ipvsadm(), reason: 'ipvsadm' };
    case 'auto':
      return openEither(open);
  }
}

async function openEither(open: KernelBackends): Promise<OpenedBackend> {
  try {
    return { backend: await open.netlink(), reason: 'netlink' };
  } catch (error) {
    if (!(error instanceof NetlinkUnusableError)) throw error;
    return openInstead(open, error);
  }
}

async function openInstead(
  open: KernelBackends,
  why: NetlinkUnusableError,
): Promise<OpenedBackend> {
  try {
    const reason = `ipvsadm, as netlink failed: ${why.message}`;
    return { backend: await open.ipvsadm(), reason };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new BackendError(`${error.message}; netlink failed: ${why.message}`, { cause: why });
  }
}

const kernelBackends: KernelBackends = {
  netlink: () => NetlinkBackend.open(),
  ipvsadm: async () => {
    const { IpvsadmBackend } = await import('./ipvsadm.ts'); // execa is loaded only for it
    return IpvsadmBackend.open();
  },
};

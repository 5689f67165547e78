import { BackendError } from './backend.ts';

/** The process may not administer the network namespace it lives in. */
export function noPermission(cause: unknown): BackendError {
  const text = 'cannot open the IPVS table: permission denied; run as root or with CAP_NET_ADMIN';
  return new BackendError(text, { cause });
}

/** The module is not there and could not be loaded by itself. */
export function noIpvs(cause: unknown): BackendError {
  return new BackendError('the kernel has no IPVS: load module ip_vs', { cause });
}

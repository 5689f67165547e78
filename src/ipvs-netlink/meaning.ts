import { NetlinkError } from './errors.ts';
import type { Operation } from './model.ts';

/**
 * What an errno means for an operation on the table, after ip_vs_genl_set_cmd() and what it calls
 * in net/netfilter/ipvs/ip_vs_ctl.c. The system's own phrase ("No such process") says nothing here.
 */
const MEANINGS: Readonly<Record<string, (kind: Operation['kind']) => string | undefined>> = {
  EPERM: () => 'no permission to administer IPVS (expected CAP_NET_ADMIN)',
  ESRCH: () => 'the kernel has no such service',
  EEXIST: (kind) =>
    kind === 'add-service'
      ? 'the kernel has this service already'
      : 'the service has this destination already',
  ENOENT: (kind) =>
    kind.endsWith('service')
      ? 'the kernel has no such scheduler or persistence engine'
      : 'the service has no such destination',
  ERANGE: () => 'expected a lower threshold not above the upper one, and a weight not below 0',
  EAFNOSUPPORT: () => 'the kernel does not have this address family',
  EINVAL: (kind) =>
    kind.endsWith('destination')
      ? 'the kernel does not accept these values (address, forwarding method or tunnel)'
      : 'the kernel does not accept these values',
};

/** The same error with words that fit the operation, if there are any. */
export function explain(kind: Operation['kind'], error: NetlinkError): NetlinkError {
  const detail = error.errno === undefined ? undefined : MEANINGS[error.code]?.(kind);
  if (detail === undefined) return error;
  const { operation, code, errno, kernelText, offset } = error;
  return new NetlinkError({
    operation,
    code,
    detail,
    ...(errno === undefined ? {} : { errno }),
    ...(kernelText === undefined ? {} : { kernelText }),
    ...(offset === undefined ? {} : { offset }),
  });
}

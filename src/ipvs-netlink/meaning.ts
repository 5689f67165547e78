import { NetlinkError } from './errors.ts';

/** What a command is about. */
export type Subject = 'service' | 'destination' | 'daemon' | 'table';

/**
 * What an errno means here, after ip_vs_genl_set_cmd() and what it calls in
 * net/netfilter/ipvs/ip_vs_ctl.c and ip_vs_sync.c. The system's own phrases ("No such process",
 * "File exists") say nothing to an operator.
 */
const MEANINGS: Readonly<Record<Subject, Readonly<Record<string, string>>>> = {
  service: {
    ESRCH: 'the kernel has no such service',
    EEXIST: 'the kernel has this service already',
    ENOENT: 'the kernel has no such scheduler or persistence engine',
    EINVAL: 'the kernel does not accept these values',
    EAFNOSUPPORT: 'the kernel has no IPVS for this address family',
  },
  destination: {
    ESRCH: 'the kernel has no such service',
    EEXIST: 'the service has this destination already',
    ENOENT: 'the service has no such destination',
    ERANGE: 'expected a lower threshold that is not above the upper one',
    EINVAL: 'the kernel does not accept these values (address, forwarding method or tunnel)',
    EAFNOSUPPORT: 'the kernel has no IPVS for this address family',
  },
  daemon: {
    ESRCH: 'no daemon runs in this role',
    EEXIST: 'a daemon runs in this role already',
    ENODEV: 'the kernel has no such network interface',
    EADDRNOTAVAIL: 'the network interface has no address',
    EINVAL:
      'the kernel does not accept this (expected a multicast group, and no service with destinations of another address family)',
  },
  table: {},
};

/** The same error in words that fit what was asked, if there are any. */
export function explain(subject: Subject, error: NetlinkError): NetlinkError {
  const { operation, code, errno, kernelText, offset } = error;
  const detail =
    code === 'EPERM'
      ? 'no permission to administer IPVS (expected CAP_NET_ADMIN)'
      : MEANINGS[subject][code];
  if (errno === undefined || detail === undefined) return error;
  return new NetlinkError({
    operation,
    code,
    detail,
    errno,
    ...(kernelText === undefined ? {} : { kernelText }),
    ...(offset === undefined ? {} : { offset }),
  });
}

/** NLMSG_ALIGNTO and NLA_ALIGNTO of include/uapi/linux/netlink.h: both are 4. */
const ALIGN_TO = 4;

/** NLMSG_ALIGN(), NLA_ALIGN(): the length with the padding that follows. */
export function align(length: number): number {
  return (length + ALIGN_TO - 1) & ~(ALIGN_TO - 1);
}

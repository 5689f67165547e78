export interface IsolateOptions {
  /**
   * Lay throw-away copies over /etc, /var and /tmp too. For the host kernel, where they would be
   * the machine's own; a User-Mode Linux machine has its whole root thrown away already.
   */
  readonly coverHost: boolean;
}

/** Set inside, so that nothing meant for there is done to the machine itself by mistake. */
const ISOLATED_VARIABLE = 'IPVSD_ISOLATED';

/**
 * To be called by everything that changes the kernel's tables or network.
 *
 * @throws Error when the process does not run in namespaces of its own.
 */
export function requireIsolation(what: string): void {
  if (process.env[ISOLATED_VARIABLE] === undefined) {
    throw new Error(
      `${what}: expected namespaces of its own, run it by "node dist/test/run.js kernel"`,
    );
  }
}

/**
 * Wraps a command so that it runs in a network, mount and process namespace of its own: an IPVS
 * table that is empty at first, a /run nobody else sees, and no process outliving the command.
 * Needs root (in the kernel where it runs). The exit code is the command's.
 */
export function isolate(argv: readonly string[], options: IsolateOptions): readonly string[] {
  const script = [PREPARE, options.coverHost ? COVER_HOST : '', RUN].join('\n');
  return ['unshare', ...NAMESPACES, 'sh', '-euc', script, 'sh', ...argv];
}

const NAMESPACES = [
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--propagation=private',
];

// sysfs is mounted anew because /sys/class/net shows the network namespace that mounted it.
const PREPARE = `
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/netns
mkdir -m 1777 /run/lock /run/tmp
ip link set lo up
`;

const COVER_HOST = `
for dir in etc var; do
  mkdir -p "/run/.cover/$dir/upper" "/run/.cover/$dir/work"
  mount -t overlay overlay -o "lowerdir=/$dir,upperdir=/run/.cover/$dir/upper,workdir=/run/.cover/$dir/work" "/$dir"
done
`;

// Not "exec": the shell stays as process 1 of the namespace, to reap what the command leaves.
const RUN = `
export ${ISOLATED_VARIABLE}=1 TMPDIR=/run/tmp
code=0
"$@" || code=$?
exit "$code"
`;

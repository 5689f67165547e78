export interface InitOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Directories of the host that stay writable inside, by absolute path. */
  readonly shared: readonly string[];
  /** Where the exit code goes; below one of the shared directories. */
  readonly exitCodeFile: string;
}

/**
 * The shell script that is process 1 of a User-Mode Linux machine. The host's file system comes in
 * read-only through hostfs; the script lays an overlay in memory over it and makes that the root,
 * so that inside everything can be written and nothing of it reaches the host, with or without
 * root there. Kernel messages stay on the first console, the command has /dev/tty1 for itself.
 */
export function renderInit(options: InitOptions): string {
  return [
    '#!/bin/sh',
    MAKE_ROOT,
    ...options.shared.map(mountShared),
    PREPARE,
    ...Object.entries(options.env).map(([name, value]) => `export ${name}=${quote(value)}`),
    `cd ${quote(options.cwd)}`,
    'code=0',
    `${options.command.map(quote).join(' ')} </dev/null >/dev/tty1 2>&1 || code=$?`,
    `echo "$code" >${quote(options.exitCodeFile)}`,
    POWER_OFF,
    '',
  ].join('\n');
}

const MAKE_ROOT = `set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
trap 'echo "init: failed, powering off"; mount -t proc proc /proc || true; echo o >/proc/sysrq-trigger; sleep 10' EXIT
modules=/usr/lib/uml/modules/$(uname -r)
insmod "$modules/kernel/fs/overlayfs/overlay.ko"
mount -n -t tmpfs -o mode=755 tmpfs /run
mkdir /run/upper /run/work /run/root
mount -n -t overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work overlay /run/root
mount -n --move /dev /run/root/dev
cd /run/root
mkdir -p .host lib/modules
ln -sfn "$modules" "lib/modules/$(uname -r)"
pivot_root . .host
cd /
mount -n -t proc proc /proc
mount -n -t sysfs sysfs /sys
umount -n -l /.host`;

const PREPARE = `mount -n -t tmpfs -o mode=755 tmpfs /run
mkdir -p /dev/shm /dev/pts /run/netns
mkdir -m 1777 /run/lock
mount -n -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -n -t devpts devpts /dev/pts
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
echo ipvsd-test >/proc/sys/kernel/hostname
stty -F /dev/tty1 raw -echo
ulimit -n 65536
ip link set lo up
modprobe ip_vs`;

const POWER_OFF = `trap - EXIT
echo o >/proc/sysrq-trigger
sleep 10`;

function mountShared(directory: string): string {
  const target = quote(directory);
  return `mkdir -p ${target} && mount -n -t hostfs -o ${target} none ${target}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** One kind of virtual server, and the table that ldirectord gives for it. */
export interface Row {
  readonly name: string;
  /** What the lines of its services have in common. */
  readonly mark: RegExp;
  readonly text: string;
  readonly table: readonly string[];
  /** Where ipvsd differs from ldirectord, on purpose. */
  readonly ours?: readonly string[];
}

/** Goes before each of them. */
export const head = 'checkinterval=1\nchecktimeout=2\nlogfile="/run/tmp/ldirectord.log"\n';

/** One section of each kind of table that is easy to get wrong; all go into one file. */
export const rows: readonly Row[] = [
  {
    name: 'persistence, netmask, scheduler and its flags',
    mark: / 10\.9\.0\.212:/,
    text: `virtual=10.9.0.212:80
        real=10.9.0.101:80 gate
        persistent=600
        netmask=255.255.255.0
        scheduler=sh
        schedflags=sh-port,sh-fallback
        checktype=on
`,
    table: [
      '-A -t 10.9.0.212:80 -s sh -p 600 -M 255.255.255.0 -b sh-fallback,sh-port',
      '-a -t 10.9.0.212:80 -r 10.9.0.101:80 -g -w 1',
    ],
  },
  {
    name: 'a netmask without persistence goes nowhere',
    mark: / 10\.9\.0\.213:/,
    text: 'virtual=10.9.0.213:80\n        netmask=255.255.255.0\n        checktype=on\n',
    table: ['-A -t 10.9.0.213:80 -s wrr'],
  },
  {
    name: 'one-packet scheduling and tunnels',
    mark: / 10\.9\.0\.214:/,
    text: `virtual=10.9.0.214:5060
        real=10.9.0.101:5060 ipip 4
        protocol=udp
        ops=yes
        checktype=on
`,
    table: [
      '-A -u 10.9.0.214:5060 -s wrr -o',
      '-a -u 10.9.0.214:5060 -r 10.9.0.101:5060 -i -w 4 --tun-type ipip',
    ],
  },
  {
    name: 'one-packet scheduling on tcp is dropped',
    mark: / 10\.9\.0\.215:/,
    text: 'virtual=10.9.0.215:80\n        ops=yes\n        checktype=on\n',
    table: ['-A -t 10.9.0.215:80 -s wrr'],
  },
  {
    name: 'port 53 is udp unless said otherwise, and both live side by side',
    mark: / 10\.9\.0\.216:/,
    text: `virtual=10.9.0.216:53
        real=10.9.0.101:53 gate
        checktype=on
virtual=10.9.0.216:domain
        real=10.9.0.101:53 gate
        protocol=tcp
        checktype=on
`,
    table: [
      '-A -t 10.9.0.216:53 -s wrr',
      '-a -t 10.9.0.216:53 -r 10.9.0.101:53 -g -w 1',
      '-A -u 10.9.0.216:53 -s wrr',
      '-a -u 10.9.0.216:53 -r 10.9.0.101:53 -g -w 1',
    ],
  },
  {
    name: 'firewall marks of both families',
    mark: / -f 5 /,
    text: `virtual=5
        real=10.9.0.101 gate
        checktype=on
virtual6=5
        real6=[fd00::3] gate
        persistent=600
        netmask=64
        checktype=on
`,
    table: [
      '-A -f 5 -s wrr',
      '-a -f 5 -r 10.9.0.101:0 -g -w 1',
      '-A -f 5 -6 -s wrr -p 600 -M 64',
      '-a -f 5 -6 -r [fd00::3]:0 -g -w 1',
    ],
  },
  {
    name: 'IPv6 addresses in any spelling',
    mark: / \[fd00::2\]:80 /,
    text: `virtual6=[FD00:0:0::2]:http
        real6=[fd00:0::0003]:8080 masq
        checktype=on
`,
    table: ['-A -t [fd00::2]:80 -s wrr', '-a -t [fd00::2]:80 -r [fd00::3]:8080 -m -w 1'],
  },
  {
    name: 'ports are translated by masq only',
    mark: / 10\.9\.0\.219:/,
    text: `virtual=10.9.0.219:80
        real=10.9.0.101:8080 gate
        real=10.9.0.102:8080 masq
        checktype=on
`,
    table: [
      '-A -t 10.9.0.219:80 -s wrr',
      '-a -t 10.9.0.219:80 -r 10.9.0.101:80 -g -w 1',
      '-a -t 10.9.0.219:80 -r 10.9.0.102:8080 -m -w 1',
    ],
  },
  {
    name: 'a range of servers',
    mark: / 10\.9\.0\.221:/,
    text: `virtual=10.9.0.221:80
        real=10.9.0.2->10.9.0.5:80 gate 5
        checktype=on
`,
    table: [
      '-A -t 10.9.0.221:80 -s wrr',
      ...[2, 3, 4, 5].map((last) => `-a -t 10.9.0.221:80 -r 10.9.0.${last}:80 -g -w 5`),
    ],
  },
  {
    name: 'a range across a border of decimal length, which ldirectord takes for an empty one',
    mark: / 10\.9\.0\.222:/,
    text: `virtual=10.9.0.222:80
        real=59.154.201.250->59.154.202.5:80 gate
        checktype=on
`,
    table: ['-A -t 10.9.0.222:80 -s wrr'],
    ours: [
      '-A -t 10.9.0.222:80 -s wrr',
      ...['201.250', '201.251', '201.252', '201.253', '201.254', '201.255'],
      ...['202.0', '202.1', '202.2', '202.3', '202.4', '202.5'],
    ].map((line) =>
      line.startsWith('-') ? line : `-a -t 10.9.0.222:80 -r 59.154.${line}:80 -g -w 1`,
    ),
  },
];

/** ldirectord refuses each of these; where ipvsd reads one, it says what it made of it. */
export const doubtfulFiles = [
  {
    name: 'two virtual servers on one address, as a number and as a name',
    text: 'virtual=10.9.0.230:80\n        checktype=on\nvirtual=10.9.0.230:http\n        checktype=on\n',
    theirs: { exitCode: 2, stderr: /duplicate virtual server/ },
    ours: { exitCode: 2, stderr: /:6:\d+: .*duplicate virtual server/ },
  },
  {
    name: 'an empty line inside a section',
    text: 'virtual=10.9.0.230:80\n\n        real=10.9.0.101:80 gate\n',
    theirs: { exitCode: 2, stderr: /at line 6: Unknown command/ },
    ours: { exitCode: 3, stderr: /:[56]:\d+: warning: / },
  },
  {
    name: 'a comment behind a yes',
    text: 'quiescent=yes # c\n',
    theirs: { exitCode: 2, stderr: /quiescent must be 'yes' or 'no'/ },
    ours: { exitCode: 3, stderr: /:4:\d+: warning: / },
  },
  {
    name: 'a comment behind a number',
    text: 'checktimeout=3 # c\n',
    theirs: { exitCode: 3, stderr: /^$/ },
    ours: { exitCode: 3, stderr: /^(.*:4:\d+: warning: |$)/ },
  },
  {
    name: 'a virtual server at the very end of the file',
    text: 'virtual=10.9.0.230:80',
    theirs: { exitCode: 2, stderr: /duplicate virtual server/ },
    ours: { exitCode: 3, stderr: /:4:1: warning: virtual: last line of the file/ },
  },
  {
    name: 'an address without a port, which ldirectord takes for firewall mark 10',
    text: 'virtual=10.9.0.230\n        checktype=on\n',
    theirs: { exitCode: 3, stderr: /^$/ },
    ours: { exitCode: 2, stderr: /:4:\d+: / },
  },
] as const;

import fc from 'fast-check';

const globals = [
  'quiescent=yes',
  'checkinterval = 5',
  'autoreload=no # for now',
  'logfile="local0"',
  'fallback=127.0.0.1:80 gate',
  'checktimeout=3',
  'callback="/bin/x # y"',
];

const settings = [
  'real=10.9.0.2:80 gate',
  'real = 10.9.0.3:80 masq 5',
  'real=10.9.0.4->10.9.0.6:80 gate # three',
  'service=http',
  'request="a#b"',
  'receive = “Test Page”',
  'quiescent=no',
  'checkinterval=7',
  'persistent=600',
  'virtualhost=www.example.com',
  'comment=one two',
  'checktype=connect # well',
];

const ownSettings = ['inhibit=yes', 'notifyup=/bin/x 1 # up', 'notifydown = "/bin/x # 2"'];

/** Each with its parameters. */
const checks: readonly (readonly string[])[] = [
  ['check=tcp'],
  ['check = tcp # plain', 'port = 8081', 'timeout=0.5'],
  ['check=http', 'path=/a # b', 'status = 200 301-302', 'virtualhost=""', 'path = "/b#c"'],
  ['check=redis', 'port=6380', 'expect = "a\\"#b"'],
  ['check=file', 'path=/run/w', 'weight=-1'],
];

const definition = ['definecheck = redis', 'send="PING\\r\\n # \\"" # all', 'timeout=1'];

const blanks = ['', '  ', '\t', '# a', '   # b', '\t#c'];
const endings = ['\n', '\n', '\n', '\r\n'];

/** A check with its lines, comments and blank lines among them, from some depth on. */
function block(depth: string): fc.Arbitrary<readonly string[]> {
  return fc
    .tuple(
      fc.constantFrom(...checks),
      fc.array(fc.constantFrom('# p', '', '\t\t# q'), { maxLength: 1 }),
      fc.constantFrom(' ', '\t', '        '),
    )
    .map(([[head = '', ...parameters], between, step]) => [
      depth + head,
      ...parameters.flatMap((line) => [...between, depth + step + line]),
    ]);
}

/** A real server with checks and settings of its own, and what may follow it in a section. */
function serverWithBlocks(): fc.Arbitrary<readonly string[]> {
  const own = fc.oneof(
    block('\t\t'),
    fc.constantFrom(...ownSettings).map((line) => [`\t\t${line}`]),
  );
  return fc
    .tuple(fc.array(own, { maxLength: 3 }), fc.array(block('\t'), { maxLength: 2 }))
    .map(([below, after]) => ['\treal=10.9.0.40:80 gate', ...below.flat(), ...after.flat()]);
}

/** Text of a file without errors, in all layouts that people use. */
export function goodConfigText(): fc.Arbitrary<string> {
  const between = fc.array(fc.constantFrom(...blanks), { maxLength: 2 });
  const comments = fc.array(fc.constantFrom('# x', '\t# y', '#z'), { maxLength: 1 });
  const section = (port: number) =>
    fc
      .tuple(
        between,
        fc.constantFrom('virtual=', 'virtual = '),
        fc.array(
          fc.tuple(
            comments,
            fc.constantFrom('\t', '        ', '    ', '  '),
            fc.constantFrom(...settings),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        fc.array(serverWithBlocks(), { maxLength: 2 }),
      )
      .map(([gap, head, body, servers]) => [
        ...gap,
        `${head}10.9.0.30:${port}`,
        ...body.flatMap(([notes, indent, setting]) => [...notes, `${indent}${setting}`]),
        ...servers.flat(),
      ]);
  const top = fc.array(fc.tuple(between, fc.constantFrom(...globals)), { maxLength: 4 });
  return fc
    .tuple(top, section(80), section(81), section(82), fc.constantFrom(...endings), fc.boolean())
    .map(([head, a, b, c, ending, newline]) => {
      const [name = '', ...parameters] = definition;
      const named = [name, ...parameters.map((line) => `  ${line}`)];
      const lines = [...head.flatMap(([gap, line]) => [...gap, line]), ...named, ...a, ...b, ...c];
      return lines.join(ending) + (newline ? ending : '');
    });
}

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

const blanks = ['', '  ', '\t', '# a', '   # b', '\t#c'];
const endings = ['\n', '\n', '\n', '\r\n'];

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
      )
      .map(([gap, head, body]) => [
        ...gap,
        `${head}10.9.0.30:${port}`,
        ...body.flatMap(([notes, indent, setting]) => [...notes, `${indent}${setting}`]),
      ]);
  const top = fc.array(fc.tuple(between, fc.constantFrom(...globals)), { maxLength: 4 });
  return fc
    .tuple(top, section(80), section(81), section(82), fc.constantFrom(...endings), fc.boolean())
    .map(([head, a, b, c, ending, newline]) => {
      const lines = [...head.flatMap(([gap, line]) => [...gap, line]), ...a, ...b, ...c];
      return lines.join(ending) + (newline ? ending : '');
    });
}

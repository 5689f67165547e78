import fc from 'fast-check';
import { parameterNames } from '../../src/config/ldirectord/check-parameters.ts';
import { directiveNames } from '../../src/config/ldirectord/directives.ts';

const values = [
  'yes',
  'no',
  '5',
  '0',
  '99999999999999999999',
  '10.9.0.30:80',
  '10.9.0.30',
  '[fd00::1]:80',
  'fd00::1',
  '10.9.0.2:80 gate',
  '10.9.0.2->10.9.0.5:80 masq 5',
  '10.9.0.2:80 gate "a", "b" l:5 u:9',
  'rs1.example.com:http ipip -w 7',
  '255.255.255.0->0.0.0.0:1 gate',
  '"index.html"',
  '“Test Page”',
  '"(?i)a#b"',
  '"a(',
  'http',
  'connect',
  'udp',
  'fwm',
  'all,none',
  'tcp',
  'agent',
  'redis',
  '/health # x',
  '"\\r\\n \\" # \\x00"',
  '10.9.0.9:80 gate weight 2 priority 1',
  '10.9.0.9:80 ipip tun:gue:6080',
  '',
];

const comments = ['', ' ', ' # c', '#c', '\t"#" # "', '”'];
const indents = ['', '\t', '\t\t', '\t\t\t', '    ', '  ', '\u00a0\u00a0\u00a0\u00a0'];
const endings = ['\n', '\n', '\n', '\r\n', '\n\n', ' \n', '\r', ''];
const junk = ['hello world', '=', '\0', '#', '“real”=5', 'real 5', 'supervised', '\ufeff', '💥=1'];

/** Texts that look like an ldirectord.cf, with all that goes wrong in one. */
export function configText(): fc.Arbitrary<string> {
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  );
  const directive = fc
    .tuple(
      fc.constantFrom(...indents),
      fc.oneof(
        fc.constantFrom(...directiveNames()),
        fc.constantFrom('virtual', 'real', 'check', 'definecheck'),
        fc.constantFrom(...parameterNames()),
      ),
      fc.constantFrom('=', ' = ', '=\t', ''),
      value,
      fc.constantFrom(...comments),
    )
    .map((parts) => parts.join(''));
  const line = fc.oneof(
    { weight: 8, arbitrary: directive },
    { weight: 1, arbitrary: fc.constantFrom(...junk) },
  );
  return fc
    .array(fc.tuple(line, fc.constantFrom(...endings)), { maxLength: 25 })
    .map((lines) => lines.flat().join(''));
}

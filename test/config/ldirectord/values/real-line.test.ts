import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { silentReport } from '../../../../src/config/ldirectord/report.ts';
import { realLine } from '../../../../src/config/ldirectord/values/real-line.ts';
import { readValue } from '../../../support/read-value.ts';

/** The line in short: host, last host, port, method, and what follows. */
function short(text: string, spelling: 'inet' | 'inet6' = 'inet'): readonly unknown[] | undefined {
  const line = realLine(spelling).read(text, silentReport);
  if (line === undefined) return undefined;
  const { host, last, port, forward, weight, request, receive, lower, upper } = line;
  const name = (found: typeof host | undefined) =>
    found?.value.kind === 'address' ? found.value.address : found?.value.name;
  const number = port?.value.kind === 'number' ? port.value.port : port?.value.name;
  return [name(host), name(last), number, forward, weight, request, receive, lower, upper];
}

const none = undefined;

const rows: readonly (readonly [text: string, line: readonly unknown[]])[] = [
  ['10.9.0.2:80 gate', ['10.9.0.2', none, 80, 'gate', 1, none, none, 0, 0]],
  ['10.9.0.2 masq', ['10.9.0.2', none, none, 'masq', 1, none, none, 0, 0]],
  ['10.9.0.2:0 ipip 0', ['10.9.0.2', none, 0, 'ipip', 0, none, none, 0, 0]],
  ['rs1:http gate 5', ['rs1', none, 'http', 'gate', 5, none, none, 0, 0]],
  ['my_host9:80 gate', ['my_host9', none, 80, 'gate', 1, none, none, 0, 0]],
  ['[fd00:0::0003]:8080\tmasq\t7', ['fd00::3', none, 8080, 'masq', 7, none, none, 0, 0]],
  ['10.9.0.2->10.9.0.5:80 gate 5', ['10.9.0.2', '10.9.0.5', 80, 'gate', 5, none, none, 0, 0]],
  ['a->b gate', ['a', 'b', none, 'gate', 1, none, none, 0, 0]],
  ['10.9.0.2:80 gate "/a", "b"', ['10.9.0.2', none, 80, 'gate', 1, '/a', 'b', 0, 0]],
  ['10.9.0.2:80 gate 5 "/a" "b"', ['10.9.0.2', none, 80, 'gate', 5, '/a', 'b', 0, 0]],
  ['10.9.0.2:80 gate "/a","b" 5', ['10.9.0.2', none, 80, 'gate', 5, '/a', 'b', 0, 0]],
  ['10.9.0.2:80 gate 5 "/a", ""', ['10.9.0.2', none, 80, 'gate', 5, '/a', '', 0, 0]],
  ['10.9.0.2:80 gate "/a"b", "c"', ['10.9.0.2', none, 80, 'gate', 1, '/a"b', 'c', 0, 0]],
  ['10.9.0.2:80 gate "/a", "b", "c"', ['10.9.0.2', none, 80, 'gate', 1, '/a", "b', 'c', 0, 0]],
  ['10.9.0.2:80 gate l:50 u:100', ['10.9.0.2', none, 80, 'gate', 1, none, none, 50, 100]],
  ['10.9.0.2:80 gate u:100 l:50', ['10.9.0.2', none, 80, 'gate', 1, none, none, 50, 100]],
  ['10.9.0.2:80 gate u:100 3', ['10.9.0.2', none, 80, 'gate', 3, none, none, 0, 100]],
  ['10.9.0.2:80 gate -w 7', ['10.9.0.2', none, 80, 'gate', 7, none, none, 0, 0]],
  ['10.9.0.2:80 gate "GET 5 x", "y"', ['10.9.0.2', none, 80, 'gate', 1, 'GET 5 x', 'y', 0, 0]],
];

describe('a real line', () => {
  for (const [text, line] of rows) {
    it(text, () => assert.deepEqual(short(text), line));
  }

  it('says how it read an option of ipvsadm', () => {
    const { said } = readValue('real', '10.9.0.2:80 gate -w 7');
    assert.deepEqual(said, ['warn: "-w 7" read as weight 7']);
  });

  it('says where ldirectord takes a weight out of a text', () => {
    const { said } = readValue('real', '10.9.0.2:80 gate "GET 5 x", "y"');
    assert.deepEqual(said, [
      'warn: ldirectord reads weight 5 out of the quoted text; to be clear give the weight before it',
    ]);
    assert.deepEqual(readValue('real', '10.9.0.2:80 gate 1 "GET 5 x", "y"').said, []);
  });

  it('has one colon before the port; of two ldirectord makes another server', () => {
    assert.deepEqual(readValue('real', '192.168.6.2::5060 gate'), {
      value: undefined,
      said: ['error: expected a port 0..65535 or a service name after ":", got ":5060"'],
    });
  });

  for (const [options, upper, expected] of [
    ['l:5', 0, 'an upper threshold "u:N" to go with it, got "l:5"'],
    ['l:50 u:10', 10, 'at most u:10, got "l:50"'],
  ] as const) {
    it(`goes without the lower threshold of ${options}, which the kernel refuses`, () => {
      const line = `10.9.0.2:80 gate ${options}`;
      assert.deepEqual(readValue('real', line).said, [
        `warn: lower threshold: expected ${expected}, which is ignored`,
      ]);
      assert.deepEqual(short(line)?.slice(-2), [0, upper]);
    });
  }

  it('gives back what was put into it', () => {
    const text = fc.stringMatching(/^[a-z/][a-z0-9/.]*$/);
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.nat(65_535),
        fc.constantFrom('gate', 'masq', 'ipip'),
        fc.nat(65_535),
        fc.option(fc.tuple(text, text), { nil: undefined }),
        fc.nat(1000),
        (host, port, method, weight, texts, lower) => {
          const quoted = texts && `"${texts[0]}", "${texts[1]}"`;
          const options = [weight, quoted, `u:${lower + 1}`, `l:${lower}`];
          const line = `${host}:${port} ${method} ${options.filter((o) => o !== undefined).join(' ')}`;
          assert.deepEqual(short(line), [
            host,
            none,
            port,
            method,
            weight,
            texts?.[0],
            texts?.[1],
            lower,
            lower + 1,
          ]);
        },
      ),
    );
  });
});

describe('the family of a real line', () => {
  it('is that of a literal, in spite of the name', () => {
    assert.deepEqual(readValue('real', '[fd00::2]:80 gate').said, [
      'assume: "[fd00::2]" read as IPv6 address in spite of the name',
    ]);
    assert.deepEqual(readValue('real6', '10.9.0.2:80 gate').said, [
      'assume: "10.9.0.2" read as IPv4 address in spite of the name',
    ]);
  });
});

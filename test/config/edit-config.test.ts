import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { diagnosticLine } from '../../src/config/diagnostic.ts';
import { type EditRequest, editConfig } from '../../src/config/edit-config.ts';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfigText } from '../support/arbitrary-good-config.ts';
import { fakeResolver } from '../support/config-fixtures.ts';
import { fakeFiles } from '../support/fake-files.ts';

const included = { 'conf.d/b.cf': 'virtual=10.9.0.40:80\n\tchecktype=on\n' };
const options = { resolver: fakeResolver(), hostname: 'lb', files: fakeFiles(included) };

async function edited(text: string, request: EditRequest): Promise<string> {
  const source = { path: 'a.cf', text, encoding: 'utf8' as const };
  const result = await editConfig(source, request, options);
  const { diagnostics } = result.after ?? result.before;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors.map(diagnosticLine), []);
  assert.ok(result.text !== undefined);
  return result.text;
}

const set = (virtual: string, name: string, value: string): EditRequest => ({
  kind: 'set',
  virtual,
  settings: [{ name, value }],
});
const setGlobal = (name: string, value: string): EditRequest => ({
  kind: 'set-global',
  settings: [{ name, value }],
});
const refused = (text: string, request: EditRequest, message: RegExp | string) =>
  assert.rejects(edited(text, request), { name: 'EditError', message });

const file = `# our site
checkinterval = 5   # often

# the shop
virtual=10.9.0.30:80
\treal=10.9.0.2:80 gate
\t# spare
\treal=10.9.0.3:80 gate 2\t# half
\tquiescent=yes
\tservice=http

virtual=10.9.0.31:80
    checktype=on
`;
const replaced = (from: string, to: string): string => {
  assert.ok(file.includes(from));
  return file.replace(from, to);
};

describe('set-weight', () => {
  const weighted = async (line: string, weight: string, real = '10.9.0.2:80') => {
    const text = `virtual=10.9.0.30:80\n\treal=10.9.0.3:80 gate 9\n\t${line}\n\t\tcheck=tcp\n`;
    const request = { kind: 'set-weight', virtual: '10.9.0.30:80', real, weight } as const;
    const after = await edited(text, request);
    const [, , changed] = after.split('\n');
    assert.equal(after, text.replace(`\t${line}\n`, `${changed}\n`));
    return changed?.slice(1);
  };

  for (const [before, after] of [
    ['real=10.9.0.2:80 gate', 'real=10.9.0.2:80 gate 7'],
    ['real = 10.9.0.2:80  gate  12 # half', 'real = 10.9.0.2:80  gate  7 # half'],
    ['real=10.9.0.2:80 gate l:5 u:10', 'real=10.9.0.2:80 gate 7 l:5 u:10'],
    ['real=10.9.0.2:80 gate u:10 3 l:5', 'real=10.9.0.2:80 gate u:10 7 l:5'],
    ['real=10.9.0.2:80 ipip 3 tun:gre', 'real=10.9.0.2:80 ipip 7 tun:gre'],
    ['real=10.9.0.2:80 gate "/a 5", "b 6"', 'real=10.9.0.2:80 gate 7 "/a 5", "b 6"'],
    ['real=10.9.0.2:80 gate 3 "/a 5", "b 6" u:4', 'real=10.9.0.2:80 gate 7 "/a 5", "b 6" u:4'],
    ['real=10.9.0.2:80 gate "/a 5", "b 6" 3', 'real=10.9.0.2:80 gate "/a 5", "b 6" 7'],
    ['real=10.9.0.2:80 gate -w 3', 'real=10.9.0.2:80 gate 7'],
  ] as const) {
    it(`${before}`, async () => {
      assert.equal(await weighted(before, '7'), after);
    });
  }

  it('refuses what is no weight, and one of a range', async () => {
    await assert.rejects(weighted('real=10.9.0.2:80 gate', 'heavy'), {
      name: 'EditError',
      message: 'weight: expected a whole number, got "heavy"',
    });
    await assert.rejects(weighted('real=10.9.0.2->10.9.0.3:80 gate', '7'), /one of the range/);
  });
});

describe('set of checks', () => {
  const text = 'virtual=10.9.0.30:80\n\treal=10.9.0.2:80 gate\n\tcheck = tcp\n\t\tretry = 1\n';
  it('adds a type once', async () => {
    assert.equal(await edited(text, set('10.9.0.30:80', 'check', 'ping')), `${text}\tcheck=ping\n`);
    await assert.rejects(edited(text, set('10.9.0.30:80', 'check', 'tcp')), {
      name: 'EditError',
      message: 'check: "tcp" stands there already, in line 3; write a second one into the file',
    });
  });

  it('says where a parameter and a weight belong', async () => {
    await assert.rejects(
      edited(text, set('10.9.0.30:80', 'retry', '2')),
      /^EditError: retry: belongs to a check/,
    );
    await assert.rejects(edited(text, set('10.9.0.30:80', 'weight', '2')), /name the real server/);
  });
});

describe('set', () => {
  it('changes the value and leaves the rest of its line', async () => {
    assert.equal(
      await edited(file, setGlobal('checkinterval', '7')),
      replaced('checkinterval = 5   # often', 'checkinterval = 7   # often'),
    );
    assert.equal(
      await edited(file, set('10.9.0.30:80', 'quiescent', 'no')),
      replaced('quiescent=yes', 'quiescent=no'),
    );
  });

  it('adds a line behind those of the section, indented as they are', async () => {
    assert.equal(
      await edited(file, set('10.9.0.30:80', 'persistent', '600')),
      replaced('\tservice=http\n', '\tservice=http\n\tpersistent=600\n'),
    );
    assert.equal(
      await edited(file, set('10.9.0.31:80', 'scheduler', 'rr')),
      replaced('    checktype=on\n', '    checktype=on\n    scheduler=rr\n'),
    );
  });

  it('adds a global line behind those at the top, or above the first section', async () => {
    assert.equal(
      await edited(file, setGlobal('autoreload', 'yes')),
      replaced('# often\n', '# often\nautoreload=yes\n'),
    );
    const section = 'virtual=10.9.0.30:80\n\tchecktype=on\n';
    const autoreload = setGlobal('autoreload', 'yes');
    assert.equal(await edited(section, autoreload), `autoreload=yes\n\n${section}`);
    assert.equal(
      await edited(`# us\n\n# it\n${section}`, autoreload),
      `# us\n\nautoreload=yes\n\n# it\n${section}`,
    );
    assert.equal(
      await edited(`# us\n${section}`, autoreload),
      `# us\n\nautoreload=yes\n\n${section}`,
    );
    assert.equal(await edited('', autoreload), 'autoreload=yes\n');
    assert.equal(await edited('# us', autoreload), '# us\nautoreload=yes\n');
  });

  it('puts values in quotes that need them', async () => {
    const ask = async (name: string, value: string): Promise<string> => {
      const text = await edited(file, set('10.9.0.30:80', name, value));
      return /\tservice=http\n(.*)\n/.exec(text)?.[1] ?? '';
    };
    assert.equal(await ask('request', 'index.html'), '\trequest="index.html"');
    assert.equal(await ask('request', '"index.html"'), '\trequest="index.html"');
    assert.equal(await ask('receive', 'Test Page'), '\treceive="Test Page"');
    assert.equal(await ask('virtualhost', 'www.example.com'), '\tvirtualhost=www.example.com');
  });

  it('gives a directive that may stand often one more line', async () => {
    assert.equal(
      await edited('execute=a.cf\n', setGlobal('execute', 'b.cf')),
      'execute=a.cf\nexecute=b.cf\n',
    );
  });

  it('takes the two spellings of fallback for one', async () => {
    const section = 'virtual6=[fd00::1]:80\n\tchecktype=on\n\tfallback6=[::1]:80\n';
    assert.equal(
      await edited(section, set('[fd00::1]:80', 'fallback6', '[::2]:80')),
      section.replace('[::1]', '[::2]'),
    );
  });

  it('sets several at once, one after the other', async () => {
    const settings = ['persistent=600', 'netmask=255.255.255.0', 'persistent=60'].map((word) => {
      const [name = '', value = ''] = word.split('=');
      return { name, value };
    });
    assert.equal(
      await edited(file, { kind: 'set', virtual: '10.9.0.31:80', settings }),
      replaced('checktype=on\n', 'checktype=on\n    persistent=60\n    netmask=255.255.255.0\n'),
    );
  });

  it('refuses what does not belong there', async () => {
    const section = '10.9.0.30:80';
    await refused(file, setGlobal('scheduler', 'rr'), /belongs to a virtual server/);
    await refused(file, set(section, 'autoreload', 'yes'), /belongs to the whole file/);
    await refused(file, set(section, 'servise', 'http'), /did you mean "service"\?$/);
    await refused(file, set(section, 'virtual', '10.9.0.30:81'), /use "add-virtual"/);
    await refused(file, setGlobal('timeout', '5'), /deprecated/);
    await refused(file, set(section, 'comment', 'a\n\tservice=none'), /one line/);
    await refused(file, set(section, 'comment', 'a # b'), /expected a value without "#"/);
  });
});

describe('add-virtual', () => {
  const add = (
    virtual: string,
    ...settings: readonly (readonly [string, string])[]
  ): EditRequest => ({
    kind: 'add-virtual',
    virtual,
    settings: settings.map(([name, value]) => ({ name, value })),
  });

  it('adds a section at the end, laid out as the file is', async () => {
    assert.equal(
      await edited(file, add('10.9.0.32:80', ['real', '10.9.0.2:80 gate'], ['request', 'a'])),
      `${file}\nvirtual=10.9.0.32:80\n    real=10.9.0.2:80 gate\n    request="a"\n`,
    );
    assert.equal(
      await edited('# us', add('udp:10.9.0.32:53')),
      '# us\n\nvirtual=10.9.0.32:53\n        protocol=udp\n',
    );
    assert.equal(
      await edited('quiescent=no\r\n', add('fwm6:5', ['checktype', 'on'])),
      'quiescent=no\r\n\r\nvirtual6=5\r\n        checktype=on\r\n',
    );
    assert.equal(await edited('', add('[fd00::1]:80')), 'virtual6=[fd00::1]:80\n\n');
  });

  it('refuses directives of the whole file', async () => {
    await refused(file, add('10.9.0.32:80', ['logfile', '"local0"']), /got "logfile"$/);
  });
});

describe('add-real', () => {
  it('adds a line behind the other real servers', async () => {
    const request = {
      kind: 'add-real',
      virtual: '10.9.0.30:80',
      real: '10.9.0.4:80 gate 5',
    } as const;
    assert.equal(
      await edited(file, request),
      replaced('# half\n', '# half\n\treal=10.9.0.4:80 gate 5\n'),
    );
    assert.equal(
      await edited(file, { ...request, virtual: '10.9.0.31:80' }),
      replaced('10.9.0.31:80\n', '10.9.0.31:80\n    real=10.9.0.4:80 gate 5\n'),
    );
  });

  it('writes real6 for IPv6', async () => {
    const section = 'virtual6=[fd00::1]:80\n\tchecktype=on\n';
    const request = {
      kind: 'add-real',
      virtual: '[fd00::1]:80',
      real: '[fd00::2]:80 gate',
    } as const;
    assert.equal(
      await edited(section, request),
      'virtual6=[fd00::1]:80\n\treal6=[fd00::2]:80 gate\n\tchecktype=on\n',
    );
  });
});

describe('remove', () => {
  const virtual = '10.9.0.30:80';

  it('takes out a section with one of the blank lines around it', async () => {
    const [before = '', after = ''] = file.split(/virtual=10\.9\.0\.30:80\n[\s\S]*service=http\n/);
    assert.equal(await edited(file, { kind: 'remove-virtual', virtual }), before + after);
    const second = { kind: 'remove-virtual', virtual: '10.9.0.31:80' } as const;
    assert.equal(
      await edited(file, second),
      replaced('\nvirtual=10.9.0.31:80\n    checktype=on\n', ''),
    );
    const three = [80, 81, 82].map((port) => `virtual=10.9.0.30:${port}\n\tchecktype=on\n`);
    assert.equal(
      await edited(three.join('\n'), { kind: 'remove-virtual', virtual: '10.9.0.30:81' }),
      `${three[0]}\n${three[2]}`,
    );
  });

  it('takes out one real server', async () => {
    const real = '10.9.0.3:80';
    assert.equal(
      await edited(file, { kind: 'remove-real', virtual, real }),
      replaced('\treal=10.9.0.3:80 gate 2\t# half\n', ''),
    );
  });

  it('takes out every line of a directive', async () => {
    assert.equal(
      await edited(file, { kind: 'remove-directive', virtual, name: 'quiescent' }),
      replaced('\tquiescent=yes\n', ''),
    );
    const name = 'checkinterval';
    assert.equal(
      await edited('checkinterval=5\nfork=no\ncheckinterval=6', { kind: 'remove-global', name }),
      'fork=no\n',
    );
    await refused(file, { kind: 'remove-global', name: 'quiescent' }, /found none$/);
  });

  it('takes no server out of a range', async () => {
    const text = 'virtual=5\n\treal=10.9.0.2->10.9.0.4 gate\n\tchecktype=on\n';
    const request = { kind: 'remove-real', virtual: '5', real: '10.9.0.3' } as const;
    await refused(text, request, 'real server: "10.9.0.3:0" is one of the range in line 2');
  });
});

describe('the virtual server of an edit', () => {
  const text = [
    'virtual=www.example.com:http',
    'virtual=10.9.0.31:53\n\tprotocol=tcp',
    'virtual=10.9.0.31:53',
    'virtual=5',
    'virtual6=5',
    'virtual6=[fd00::1]:80',
  ]
    .map((head) => `${head}\n\tcomment=x\n`)
    .join('\n');
  const changedLine = async (virtual: string): Promise<number> => {
    const lines = (await edited(text, set(virtual, 'comment', 'y'))).split('\n');
    return lines.findIndex((line) => line.includes('comment=y')) + 1;
  };

  it('may be named in any spelling of its identity', async () => {
    for (const name of [
      '10.9.0.30:80',
      'tcp:10.9.0.30:80',
      'www.example.com:80',
      'www.example.com:http',
    ]) {
      assert.equal(await changedLine(name), 2, name);
    }
    assert.equal(await changedLine('tcp:10.9.0.31:53'), 6);
    assert.equal(await changedLine('udp:10.9.0.31:domain'), 9);
    assert.equal(await changedLine('fwm:5'), 12);
    assert.equal(await changedLine('fwm6:5'), 15);
    assert.equal(await changedLine('[FD00:0::1]:80'), 18);
  });

  it('must be there, and be one', async () => {
    const comment = (virtual: string): EditRequest => set(virtual, 'comment', 'y');
    await refused(
      text,
      comment('10.9.0.30:81'),
      'virtual server: "10.9.0.30:81" is not in the file',
    );
    await refused(text, comment('udp:10.9.0.30:80'), /is not in the file$/);
    await refused(
      text,
      comment('10.9.0.31:53'),
      /expected "tcp:10.9.0.31:53" or "udp:10.9.0.31:53"/,
    );
    await refused(text, comment('5'), 'virtual server: expected "fwm:5" or "fwm6:5", got "5"');
    await refused(text, comment('10.9.0.30'), /expected \[tcp:\|udp:\|sctp:\]ADDRESS:PORT/);
    await refused(text, comment('tcp:5'), /expected \[tcp:/);
  });

  it('is not edited through an include', async () => {
    const main = 'include=conf.d\nvirtual=10.9.0.30:80\n\tchecktype=on\n';
    await refused(
      main,
      set('10.9.0.40:80', 'checktype', 'off'),
      '"tcp:10.9.0.40:80" stands in "conf.d/b.cf", which "a.cf" includes: edit that',
    );
    assert.match(await edited(main, set('10.9.0.30:80', 'checktype', 'off')), /checktype=off/);
  });
});

describe('the real server of an edit', () => {
  const text = [
    'virtual=10.9.0.30:80',
    '\treal=rs1.example.com:http gate',
    '\treal=10.9.0.3:80 gate',
    '\treal=10.9.0.3:80 gate',
    '\treal=10.9.0.3:81 masq',
    '',
  ].join('\n');
  const removed = async (real: string): Promise<number> => {
    const rest = await edited(text, { kind: 'remove-real', virtual: '10.9.0.30:80', real });
    const lines = rest.split('\n');
    return text.split('\n').findIndex((line, i) => line !== lines[i]) + 1;
  };

  it('may be named by its key, another spelling, or its address', async () => {
    assert.equal(await removed('10.9.0.2:80'), 2);
    assert.equal(await removed('10.9.0.2'), 2);
    assert.equal(await removed('rs1.example.com:80'), 2);
    assert.equal(await removed('10.9.0.3:81'), 5);
  });

  it('must be there, and be one', async () => {
    await assert.rejects(removed('10.9.0.9:80'), /"10.9.0.9:80" is not in tcp:10.9.0.30:80$/);
    await assert.rejects(removed('10.9.0.3'), /expected "10.9.0.3:80" or "10.9.0.3:80#2" or /);
  });
});

describe('a file with check blocks', () => {
  const blocks = `definecheck=redis
    send="PING"

fallback=10.9.0.9 gate
    check=tcp
virtual=10.9.0.30:80
    real=10.9.0.2:80 gate
        # of this one
        check=tcp # plain
            port=8081

            timeout=1
        notifyup=/bin/x
    # all
    check=http
            path=/
            # end
    real=10.9.0.3:80 gate
        check=redis
`;
  const without = (text: string, ...pieces: readonly string[]): string =>
    pieces.reduce((rest, piece) => {
      assert.ok(rest.includes(piece), piece);
      return rest.replace(piece, '');
    }, text);
  const at80 = '10.9.0.30:80';
  const ofFirst = `    real=10.9.0.2:80 gate
        # of this one
        check=tcp # plain
            port=8081

            timeout=1
        notifyup=/bin/x
`;
  const addReal = { kind: 'add-real', virtual: at80, real: '10.9.0.4:80 masq' } as const;
  const added = '    real=10.9.0.4:80 masq\n';

  it('a real server goes with all that is its own', async () => {
    const removal = { kind: 'remove-real', virtual: at80, real: '10.9.0.2' } as const;
    assert.equal(await edited(blocks, removal), without(blocks, ofFirst));
  });

  it('a new real server stands behind the last one and all of its own', async () => {
    assert.equal(await edited(blocks, addReal), blocks + added);
    const first = `virtual=${at80}\n${ofFirst}    check=ping\n`;
    assert.equal(
      await edited(first, addReal),
      first.replace('    check=ping', `${added}    check=ping`),
    );
  });

  it('a first real server does not come between the section and its checks', async () => {
    const text = `virtual=${at80}\n        check=ping\n    checkinterval=9\n`;
    assert.equal(await edited(text, addReal), text + added);
  });

  it('a setting stands behind all blocks, and is of the section', async () => {
    assert.equal(
      await edited(blocks, set(at80, 'checkinterval', '9')),
      `${blocks}    checkinterval=9\n`,
    );
    assert.equal(await edited(blocks, set(at80, 'check', 'ping')), `${blocks}    check=ping\n`);
    assert.equal(
      await edited(blocks, setGlobal('checkinterval', '9')),
      blocks.replace('check=tcp\nv', 'check=tcp\ncheckinterval=9\nv'),
    );
    await refused(blocks, setGlobal('definecheck', 'x'), /needs parameters below it/);
  });

  it('checks of the section go with their parameters, those of servers stay', async () => {
    const remove = (name: string): EditRequest => ({
      kind: 'remove-directive',
      virtual: at80,
      name,
    });
    const gone = '    check=http\n            path=/\n';
    assert.equal(await edited(blocks, remove('check')), without(blocks, gone));
    await refused(blocks, remove('notifyup'), /expected a line of it to remove/);
  });

  it('a fallback goes with its checks', async () => {
    const remove: EditRequest = { kind: 'remove-global', name: 'fallback' };
    const gone = 'fallback=10.9.0.9 gate\n    check=tcp\n';
    assert.equal(await edited(blocks, remove), without(blocks, gone));
  });

  it('an edit that would give a check to another server is refused', async () => {
    const text = `virtual=${at80}\n    real=10.9.0.2:80 gate\n    ops=no\n        check=ping\n`;
    const remove: EditRequest = { kind: 'remove-directive', virtual: at80, name: 'ops' };
    await refused(text, remove, /would change what "check=ping" belongs to/);
  });
});

describe('an edit', () => {
  const source = (text: string) => ({ path: 'a.cf', text, encoding: 'utf8' as const });

  it('of a file with errors gives these and no text', async () => {
    const bad = `${file}cheksum=1\n`;
    const { before, after, text } = await editConfig(source(bad), setGlobal('rise', '2'), options);
    assert.equal(before.diagnostics.filter(({ severity }) => severity === 'error').length, 1);
    assert.deepEqual([after, text], [undefined, undefined]);
  });

  it('that would bring errors gives these and no text', async () => {
    const request = set('10.9.0.30:80', 'checkinterval', 'soon');
    const { after, text } = await editConfig(source(file), request, options);
    assert.deepEqual(after?.diagnostics.slice(1).map(diagnosticLine), [
      'a.cf:11:16: checkinterval: expected a whole number of seconds >= 1, got "soon"',
    ]);
    assert.equal(text, undefined);
  });

  it('does not go into a file that cannot hold it', async () => {
    const latin1 = { ...source('virtual=5\n\tcomment=Gr\xfc\xdfe\n'), encoding: 'latin1' as const };
    await assert.rejects(editConfig(latin1, set('5', 'comment', 'Łódź'), options), /not in UTF-8/);
    const { text } = await editConfig(latin1, set('5', 'comment', 'Köln'), options);
    assert.equal(text, 'virtual=5\n\tcomment=Köln\n');
  });

  it('that would change more than it names is refused', async () => {
    // without the third section, the global line at the end would belong to the second one alone
    const text = [
      'virtual=10.9.0.29:80',
      '\tchecktype=on',
      'virtual=10.9.0.30:80',
      'checktype=on',
      'virtual=10.9.0.31:80',
      '\tchecktype=on',
      'quiescent=yes',
      '',
    ].join('\n');
    const request = { kind: 'remove-virtual', virtual: '10.9.0.31:80' } as const;
    await refused(text, request, 'the edit would change "tcp:10.9.0.29:80" as well');
  });

  it('adds and removes without a trace, whatever the layout', async () => {
    await fc.assert(
      fc.asyncProperty(goodConfigText(), async (text) => {
        const lines = (all: string): readonly string[] => all.split(/(?<=\n)/);
        const now = async (all: string, request: EditRequest): Promise<string> => {
          const { text: result } = await editConfig(source(all), request, options);
          assert.ok(result !== undefined);
          return result;
        };
        const virtual = '10.9.0.31:80';
        const real = '10.9.0.77:80';
        const at81 = '10.9.0.30:81';
        const added = await now(text, { kind: 'add-virtual', virtual, settings: [] });
        // the last line of the file may have lacked its newline
        assert.ok(added.startsWith(text));
        const again = await now(added, { kind: 'remove-virtual', virtual });
        assert.equal(again.trimEnd(), text.trimEnd());

        const more = await now(text, { kind: 'add-real', virtual: at81, real: `${real} gate` });
        assert.equal(lines(more).length, lines(text).length + 1);
        const less = await now(more, { kind: 'remove-real', virtual: at81, real });
        assert.equal(less.trimEnd(), text.trimEnd());

        const settings = [{ name: 'rise', value: '3' }];
        const risen = await now(text, { kind: 'set', virtual: at81, settings });
        const { config } = await parseConfig(risen, 'a.cf', options);
        assert.deepEqual(
          config?.virtuals.map(({ rise }) => rise),
          [1, 3, 1],
        );
        const sunk = await now(risen, { kind: 'remove-directive', virtual: at81, name: 'rise' });
        assert.equal(sunk.trimEnd(), text.trimEnd());
      }),
      { numRuns: 200 },
    );
  });
});

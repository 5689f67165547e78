import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandWords } from '../../../src/config/command-words.ts';
import {
  commandText,
  readPattern,
  readScript,
} from '../../../src/config/keepalived/script-words.ts';
import { parseConfig } from '../../../src/config/load.ts';

describe('readScript', () => {
  it('takes the first word for the command, the others for user and group', () => {
    assert.deepEqual(readScript('/bin/a'), { words: ['/bin/a'] });
    assert.deepEqual(readScript('"/bin/a b" u g'), {
      words: ['/bin/a', 'b'],
      user: 'u',
      group: 'g',
    });
  });

  it('keeps blanks within inner quotes together', () => {
    assert.deepEqual(readScript(`"/bin/a 'b  c' d"`)?.words, ['/bin/a', 'b  c', 'd']);
    assert.deepEqual(readScript(`'/bin/a "b  c"'`)?.words, ['/bin/a', 'b  c']);
    assert.deepEqual(readScript(`"/bin/a b\\ c it\\'s"`)?.words, ['/bin/a', 'b c', "it's"]);
  });

  it('refuses a quote that is left open, and nothing', () => {
    assert.equal(readScript('"/bin/a'), undefined);
    assert.equal(readScript(`"/bin/a 'b"`), undefined);
    assert.equal(readScript(''), undefined);
  });
});

describe('readPattern', () => {
  const cases: readonly [string, string][] = [
    ['hello world', 'hello'],
    ['"hello world"', 'hello world'],
    [`'say "(\\\\d+)"'`, 'say "(\\d+)"'],
    ['\\\\d\\x41\\101\\cA\\t\\E', '\\dAA\x01\t\x1b'],
  ];
  for (const [raw, pattern] of cases) {
    it(raw, () => assert.equal(readPattern(raw), pattern));
  }
});

describe('commandText', () => {
  it('refuses control characters, which would end the line or nest another one in it', () => {
    assert.deepEqual(readScript('"/bin/a \\x0avirtual=10.9.0.30:80"')?.words, [
      '/bin/a',
      '\nvirtual=10.9.0.30:80',
    ]);
    assert.equal(commandText(['/bin/a', '\nvirtual=10.9.0.30:80']), undefined);
    assert.equal(commandText(['/bin/a', '\x1b[2J']), undefined);
  });

  it('comes back as the same words', async () => {
    const word = fc.oneof(
      fc.string({ minLength: 1 }).filter((text) => /^[ -~]+$/.test(text)),
      fc.constantFrom('#1', "it's", '"q"', 'a b', '', '\\', '$HOME', '“x”'),
    );
    const words = fc.array(word, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(words, async (wanted) => {
        const command = commandText(wanted);
        const all = wanted.join('');
        assert.equal(command === undefined, all.includes('#') && /["“”]/.test(all));
        if (command === undefined) return;
        const text = `virtual=10.9.0.30:80\n\treal=10.9.0.2:80 masq\n\tfallbackcommand=${command}\n`;
        const { config } = await parseConfig(text, 'x.cf');
        assert.deepEqual(commandWords(config?.virtuals[0]?.fallbackCommand ?? ''), wanted, text);
      }),
    );
  });
});

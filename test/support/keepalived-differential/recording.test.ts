import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keywords } from '../../../src/config/keepalived/keywords.ts';
import { fixtureWords, isRefused, keepalivedFixtures } from '../keepalived-fixtures.ts';
import { adapted } from './adapt.ts';
import { groups, type KeepalivedCase } from './cases.ts';
import { readRecording, recordingFile, recordingFiles } from './recording.ts';

const all = Object.values(groups).flatMap(({ how, cases }) =>
  cases.map((theCase) => ({ how, theCase })),
);
const names = new Set(all.map(({ theCase }) => theCase.name));

/** Why a file is not put beside keepalived; import and its losses are tested all the same. */
const notCompared: Readonly<Record<string, string>> = {
  'global-settings': 'is about the program itself; keepalived 2.2.7 refuses it as it stands',
  'new-keywords': 'has keywords that keepalived 2.2.7 does not know',
  'smtp-hosts':
    'lets the checks of keepalived 2.2.7 disturb each other, so that its table changes by itself',
  'script-users': 'has users that keepalived 2.2.7 ends itself for',
};

/** Keywords with a meaning that only those files have. */
const notComparedWords = [
  'MISC_CHECK user',
  'SSL_GET sni_name',
  // no part of the table
  'global_defs lvs_timeouts',
];

describe('the files that keepalived and ipvsd are compared on', () => {
  it('are at least thirty, and all that there are but for a few', () => {
    assert.ok(names.size >= 30);
    const others = keepalivedFixtures.filter((name) => !isRefused(name) && !names.has(name));
    assert.deepEqual(others.toSorted(), Object.keys(notCompared).toSorted());
  });

  it('have every keyword that has a meaning here', () => {
    const used = new Set([...names].flatMap(fixtureWords));
    const missing = Object.entries(keywords).flatMap(([block, rows]) =>
      rows
        .filter(({ fate, name }) => fate === 'converted' && !used.has(`${block} ${name}`))
        .map(({ name }) => `${block} ${name}`),
    );
    assert.deepEqual(missing.toSorted(), notComparedWords.toSorted());
  });

  it('have a recording each, by one version of keepalived, and nothing else is recorded', () => {
    const versions = all.map(({ theCase, how }) => readRecording(theCase, how).keepalived);
    assert.deepEqual([...new Set(versions)], ['1:2.2.7-1+b2']);
    const files = all.map(({ theCase, how }) => recordingFile(theCase, how));
    assert.deepEqual([...recordingFiles()].toSorted(), files.toSorted());
  });

  it('show servers that fail and come back, but for those that no check decides', () => {
    const changes = ({ theCase, how }: (typeof all)[number]): boolean => {
      const tables = readRecording(theCase, how).steps.map(({ saved }) => saved.join('\n'));
      return new Set(tables).size > 1;
    };
    const still = (wanted: 'refusing' | 'gone'): readonly string[] =>
      all
        .filter((one) => one.how === wanted && !changes(one))
        .map(({ theCase }: { readonly theCase: KeepalivedCase }) => theCase.name);
    assert.deepEqual(still('gone'), []);
    assert.deepEqual(still('refusing').toSorted(), [
      'all-weights-zero',
      'conditions',
      'no-protocol',
      'persistence-engine',
      'scheduler-flags',
      'sctp',
      'sequences',
      'vrrp',
    ]);
  });
});

describe('a file made for one host', () => {
  const host = { ipv4: '10.9.0.107', ipv6: 'fd00:9::107', namespace: 'lb7' };

  it('has short times behind each delay_loop, in definitions too', () => {
    const text =
      '$X= delay_loop 60 \\\n    retry 2\nvirtual_server 10.9.0.30 80 {\n  delay_loop 5\n';
    assert.equal(
      adapted(text, host),
      '$X= delay_loop 60 \\\n    retry 2\nvirtual_server 10.9.0.30 80 {\n  delay_loop 5\n  delay_loop 3\n  warmup 0\n  delay_before_retry 0.5\n',
    );
    const inDefinition = adapted('        delay_loop 2 \\\n', host).split('\n');
    assert.deepEqual(inDefinition.slice(0, 2), [
      '        delay_loop 2 \\',
      '        delay_loop 3 \\',
    ]);
  });

  it('has them behind the protocol, where no delay_loop stands', () => {
    assert.match(adapted('  protocol TCP\n', host), /^ {2}protocol TCP\n {2}delay_loop 3\n/);
  });

  it('has time for slow answers', () => {
    assert.equal(
      adapted('connect_timeout 0.5 \\\nmisc_timeout 1\nconnect_timeout 20\n', host),
      'connect_timeout 3 \\\nmisc_timeout 3\nconnect_timeout 20\n',
    );
  });

  it('has no port to go out from', () => {
    assert.equal(
      adapted('  bindto ::1\n  bind_port 4000 \\\n  alpha\n', host),
      '  bindto ::1\n  alpha\n',
    );
  });

  it('has the addresses of its host', () => {
    assert.equal(
      adapted('bindto 10.9.0.1\nbindto fd00:9::1\nnet_namespace lb\n', host),
      'bindto 10.9.0.107\nbindto fd00:9::107\nnet_namespace lb7\n',
    );
  });
});

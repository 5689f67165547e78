import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonEvent } from '../../../src/alerts/event.ts';
import type { Letter } from '../../../src/alerts/mail/letter.ts';
import { MailAlerts } from '../../../src/alerts/mail/mail-alerts.ts';
import type { MailRoute } from '../../../src/alerts/mail/route.ts';
import type { EmailAlert, VirtualServer } from '../../../src/config/model.ts';
import { config, real, virtual } from '../../support/builders.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const all = ['starting', 'running', 'stopping', 'reloading'] as const;

function web(alert: Partial<EmailAlert> = {}, changes: Partial<VirtualServer> = {}): VirtualServer {
  const emailAlert = { recipients: ['ops@x.test'], frequencyS: 0, statuses: all, ...alert };
  return virtual({ emailAlert, ...changes });
}

class Bench {
  readonly clock = new VirtualClock();
  readonly letters: Letter[] = [];
  readonly routes: MailRoute[] = [];
  readonly observer: MailAlerts;

  constructor() {
    this.observer = new MailAlerts({
      clock: this.clock,
      log: recordedLog().log,
      host: 'lb1',
      settings: { port: 25, startTls: 'try' },
      send: async (letter, route) => {
        this.letters.push(letter);
        this.routes.push(route);
      },
    });
  }

  phase(phase: (typeof all)[number] | 'stopped'): void {
    this.observer.observe({ kind: 'phase', phase });
  }

  file(of: VirtualServer): void {
    this.observer.observe({ kind: 'config', config: config(of) });
  }

  async table(text: string, of: VirtualServer, changes: object = {}): Promise<void> {
    const event = { kind: 'table', what: 'real', virtual: of, text, cause: 'change' } as const;
    this.observer.observe({ ...event, ...changes });
    await this.clock.advance(0);
  }

  async server(of: VirtualServer, inService: boolean): Promise<void> {
    const server = { key: 'tcp:10.9.0.30:80 10.9.0.2:80', virtual: of, real: real('10.9.0.2') };
    const event: DaemonEvent = { kind: 'server', server, inService };
    this.observer.observe(event);
    await this.clock.advance(0);
  }

  get subjects(): readonly string[] {
    return this.letters.map(({ subject }) => subject);
  }
}

const deleted = 'Deleted real server: 10.9.0.2:80 (10.9.0.30:80)';
const inaccessible = 'Inaccessible real server: 10.9.0.2:80 (10.9.0.30:80)';

describe('MailAlerts', () => {
  it('mails that a server is in service by minservers alone', async () => {
    const bench = new Bench();
    bench.file(web());
    bench.phase('running');
    const text = 'Kept in service by minservers though its check fails: 10.9.0.2:80 (10.9.0.30:80)';
    bench.observer.observe({ kind: 'kept', virtual: web(), text });
    await bench.clock.advance(0);
    assert.deepEqual(bench.subjects, [text]);
  });

  it('writes what ldirectord 4.12.0 wrote', async () => {
    const bench = new Bench();
    const of = web({ smtp: 'mail.x.test' }, { serviceName: 'My web shop', comment: 'call Joe' });
    bench.phase('running');
    await bench.table(deleted, of);
    const [letter] = bench.letters;
    assert.equal(letter?.subject, `[My web shop] ${deleted}`);
    const lines = [
      'ldirectord host: lb1',
      `Log-Message: [My web shop] ${deleted}`,
      'Daemon-Status: running',
      '',
      'Service name: My web shop',
      'Comment: call Joe',
      '',
    ];
    assert.equal(letter.text, lines.join('\n'));
    assert.deepEqual(letter.recipients, ['ops@x.test']);
    assert.equal(bench.routes[0]?.kind === 'smtp' && bench.routes[0].host, 'mail.x.test');
  });

  it('has no prefix and no lines for a name and a comment that are not set', async () => {
    const bench = new Bench();
    await bench.table(deleted, web());
    assert.equal(bench.letters[0]?.subject, deleted);
    assert.match(bench.letters[0]?.text ?? '', /Daemon-Status: starting\n$/);
  });

  it('takes the sender of the file in force', async () => {
    const bench = new Bench();
    bench.observer.observe({ kind: 'config', config: { ...config(), emailAlertFrom: 'a@x.test' } });
    await bench.table(deleted, web());
    assert.equal(bench.letters[0]?.from, 'a@x.test');
  });

  it('writes in the states of the daemon that emailalertstatus names, and in no other', async () => {
    const bench = new Bench();
    const of = web({ statuses: ['running', 'stopping'] });
    for (const phase of all) {
      bench.phase(phase);
      await bench.table(phase, of);
    }
    assert.deepEqual(bench.subjects, ['running', 'stopping']);
  });

  it('writes about servers and fallbacks, not about virtual servers nor repaired drift', async () => {
    const bench = new Bench();
    await bench.table('virtual', web(), { what: 'virtual' });
    await bench.table('drift', web(), { cause: 'drift' });
    await bench.table('fallback', web(), { what: 'fallback' });
    await bench.table('nobody', web({ recipients: [] }));
    assert.deepEqual(bench.subjects, ['fallback']);
  });

  it('reminds every freq seconds while a server is out of service', async () => {
    const bench = new Bench();
    bench.phase('running');
    const of = web({ frequencyS: 2 });
    await bench.server(of, false);
    await bench.clock.advance(1999);
    assert.deepEqual(bench.subjects, []);
    await bench.clock.advance(4001);
    assert.deepEqual(bench.subjects, [inaccessible, inaccessible, inaccessible]);
    await bench.server(of, true);
    await bench.clock.advance(10_000);
    assert.equal(bench.letters.length, 3);
    assert.equal(bench.clock.pending, 0);
  });

  it('is silent in standby, reminders too, and goes on with them when it is active', async () => {
    const bench = new Bench();
    const of = web({ frequencyS: 60 });
    bench.file(of);
    await bench.server(of, false);
    bench.observer.observe({ kind: 'role', role: 'standby' });
    await bench.table(deleted, of);
    await bench.clock.advance(120_000);
    assert.deepEqual(bench.subjects, []);
    bench.observer.observe({ kind: 'role', role: 'active' });
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.subjects, [inaccessible]);
    await bench.table(deleted, of);
    assert.deepEqual(bench.subjects, [inaccessible, deleted]);
  });

  it('a reload does not disturb the reminders, but follows another frequency', async () => {
    const bench = new Bench();
    bench.phase('running');
    const servers = { reals: [real('10.9.0.2')] };
    await bench.server(web({ frequencyS: 2 }, servers), false);
    await bench.clock.advance(1500);
    bench.file(web({ frequencyS: 2 }, { ...servers, serviceName: 'new' }));
    await bench.clock.advance(500);
    assert.deepEqual(bench.subjects, [`[new] ${inaccessible}`]);
    bench.file(web({ frequencyS: 60 }, servers));
    await bench.clock.advance(59_999);
    assert.equal(bench.letters.length, 1);
    await bench.clock.advance(1);
    assert.equal(bench.letters.length, 2);
    bench.file(web({ frequencyS: 0 }, servers));
    await bench.clock.advance(200_000);
    assert.equal(bench.letters.length, 2);
    bench.file(web({ frequencyS: 2 }, servers));
    await bench.clock.advance(2000);
    assert.equal(bench.letters.length, 3);
  });

  it('a server that leaves the file is forgotten, and so is every one at the end', async () => {
    const bench = new Bench();
    bench.phase('running');
    await bench.server(web({ frequencyS: 2 }), false);
    bench.file(web({ frequencyS: 2 }, { reals: [] }));
    await bench.clock.advance(10_000);
    await bench.server(web({ frequencyS: 2 }), false);
    bench.phase('stopped');
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.subjects, []);
    assert.equal(bench.clock.pending, 0);
  });

  it('makes one mail of a storm, for each list of recipients', async () => {
    const bench = new Bench();
    for (let i = 1; i <= 1000; i++) await bench.table(`change ${i}`, web());
    await bench.table('other list', web({ recipients: ['web@x.test'] }));
    assert.equal(bench.letters.length, 31);
    assert.equal(bench.subjects.at(-1), 'other list');
    await bench.clock.advance(60_000);
    assert.equal(bench.letters.length, 32);
    const { subject, text } = bench.letters.at(-1) ?? {};
    assert.equal(subject, '970 alerts of lb1');
    assert.match(
      text ?? '',
      /\nchange 31\nchange 32\n.*\nchange 530\n\n470 more are not listed\.\n$/s,
    );
    await bench.table('later', web());
    assert.equal(bench.subjects.at(-1), 'later');
  });

  it('close: sends what waits for the end of a storm', async () => {
    const bench = new Bench();
    for (let i = 1; i <= 40; i++) await bench.table(`change ${i}`, web());
    await bench.observer.close(new AbortController().signal);
    assert.equal(bench.subjects.at(-1), '10 alerts of lb1');
    assert.equal(bench.clock.pending, 0);
  });
});

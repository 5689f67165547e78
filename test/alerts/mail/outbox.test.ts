import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Letter } from '../../../src/alerts/mail/letter.ts';
import { MailError, Outbox } from '../../../src/alerts/mail/outbox.ts';
import type { MailRoute } from '../../../src/alerts/mail/route.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const letter = (subject: string): Letter => ({ recipients: ['a@x.test'], subject, text: '' });
const route = (host: string): MailRoute => ({ kind: 'smtp', host, port: 25, startTls: 'try' });

/** An outbox whose attempts end as `answers` say, the last of them again and again. */
function bench(...answers: readonly (Error | 'sent' | 'silence')[]) {
  const clock = new VirtualClock();
  const { log, lines } = recordedLog();
  const attempts: string[] = [];
  const outbox = new Outbox({
    clock,
    log,
    send: ({ subject }, _, signal) => {
      const answer = answers[Math.min(attempts.length, answers.length - 1)];
      attempts.push(subject);
      if (answer === 'sent') return Promise.resolve();
      if (answer !== 'silence') return Promise.reject(answer);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
  return { clock, lines, attempts, outbox };
}

const busy = new MailError('450 busy', false);

describe('Outbox', () => {
  it('logs what was sent as ldirectord does', async () => {
    const { clock, lines, outbox } = bench('sent');
    outbox.add(letter('Deleted'), route('m1'));
    await clock.advance(0);
    assert.deepEqual(lines, ['info emailalert: Deleted']);
  });

  it('tries again after 10 s, 1 min and 5 min, then gives up', async () => {
    const { clock, lines, attempts, outbox } = bench(busy);
    outbox.add(letter('a'), route('m1'));
    for (const [afterMs, count] of [
      [9_999, 1],
      [1, 2],
      [60_000, 3],
      [300_000, 4],
      [10_000_000, 4],
    ] as const) {
      await clock.advance(afterMs);
      assert.equal(attempts.length, count);
    }
    assert.equal(
      lines[0],
      'error emailalert: "a" by m1:25 not sent: 450 busy; next attempt in 10 s',
    );
    assert.equal(lines.at(-1), 'error emailalert: "a" by m1:25 not sent: 450 busy; given up');
  });

  it('does not try again after a final no', async () => {
    const { clock, attempts, lines, outbox } = bench(new MailError('550 who?', true), 'sent');
    outbox.add(letter('a'), route('m1'));
    outbox.add(letter('b'), route('m1'));
    await clock.advance(0);
    assert.deepEqual(attempts, ['a', 'b']);
    assert.equal(lines[0], 'error emailalert: "a" by m1:25 not sent: 550 who?; given up');
  });

  it('gives a silent server 30 seconds, and keeps the order of its letters', async () => {
    const { clock, attempts, outbox } = bench('silence', 'sent');
    outbox.add(letter('a'), route('m1'));
    outbox.add(letter('b'), route('m1'));
    await clock.advance(39_999);
    assert.deepEqual(attempts, ['a']);
    await clock.advance(1);
    assert.deepEqual(attempts, ['a', 'a', 'b']);
  });

  it('a dead server holds up no other one', async () => {
    const { clock, attempts, outbox } = bench('silence', 'sent');
    outbox.add(letter('dead'), route('m1'));
    outbox.add(letter('alive'), route('m2'));
    await clock.advance(0);
    assert.deepEqual(attempts, ['dead', 'alive']);
  });

  it('keeps a hundred letters for a server and drops the oldest', async () => {
    const { clock, attempts, lines, outbox } = bench('silence', 'sent');
    for (let i = 0; i <= 102; i++) outbox.add(letter(`${i}`), route('m1'));
    await clock.advance(40_000);
    assert.deepEqual(attempts.slice(0, 3), ['0', '0', '3']);
    assert.equal(attempts.length, 102);
    assert.ok(lines.includes('error emailalert: too many mails wait for m1:25, dropped: 1'));
  });

  it('close: gives every letter one more attempt and waits for no other', async () => {
    const { clock, attempts, lines, outbox } = bench(busy);
    outbox.add(letter('a'), route('m1'));
    outbox.add(letter('b'), route('m1'));
    await clock.advance(0);
    await outbox.close(new AbortController().signal);
    assert.deepEqual(attempts, ['a', 'a', 'b']);
    assert.match(lines.at(-1) ?? '', /"b" .* 450 busy; given up$/);
    assert.equal(clock.pending, 0);
  });

  it('close: ends the attempt when there is no more time', async () => {
    const { clock, attempts, outbox } = bench('silence');
    outbox.add(letter('a'), route('m1'));
    outbox.add(letter('b'), route('m1'));
    await clock.advance(0);
    const controller = new AbortController();
    const closing = outbox.close(controller.signal);
    controller.abort(new Error('the daemon stops'));
    await closing;
    assert.deepEqual(attempts, ['a']);
    assert.equal(clock.pending, 0);
  });
});

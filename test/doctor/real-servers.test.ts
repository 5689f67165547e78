import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { config, localFallback, real, virtual } from '../support/builders.ts';
import { direct, facts, local, network } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const away = (routes: ReturnType<typeof network>['routes']) =>
  facts({ network: { value: network({ routes }) } });
const only = (server: ReturnType<typeof real>) => config(virtual({ reals: [server] }));
const edit = (before: string, after: string) =>
  `ipvsd config remove test.cf tcp:10.9.0.30:80 ${before} && ipvsd config add-real test.cf tcp:10.9.0.30:80 ${after}`;
const place = 'tcp:10.9.0.30:80 > 10.9.0.2:80';

describe('reachable', () => {
  it('wants a route to each', () => {
    assert.deepEqual(verdict('reachable', only(real('10.9.0.2')), away({})), [
      'found',
      `error ${place}: ip route add 10.9.0.2 via GATEWAY`,
    ]);
    assert.deepEqual(verdict('reachable', only(real('10.9.0.2')), facts()), ['passed']);
  });
});

describe('same-link', () => {
  const routed = away({ '10.9.0.2': { ...direct, gateway: '10.9.0.254' } });

  it('wants no router before a real server with gate', () => {
    const mend = edit('10.9.0.2:80', '10.9.0.2:80 ipip 1');
    assert.deepEqual(verdict('same-link', only(real('10.9.0.2')), routed), [
      'found',
      `error ${place}: ${mend}`,
    ]);
    const tunnelled = only(real('10.9.0.2', { forward: 'ipip' }));
    assert.deepEqual(verdict('same-link', tunnelled, routed), ['not needed']);
  });
});

describe('port-change', () => {
  it('names the line, and puts the port of the virtual server there', () => {
    const changed = only(real('10.9.0.2', { port: 8080, weight: 7, line: 4 }));
    const mend = edit('10.9.0.2:8080', '10.9.0.2:80 gate 7');
    assert.deepEqual(verdict('port-change', changed, facts()), [
      'found',
      `error test.cf:4: ${mend}`,
    ]);
    const masq = only(real('10.9.0.2', { port: 8080, forward: 'masq' }));
    assert.deepEqual(verdict('port-change', masq, facts()), ['not needed']);
    assert.deepEqual(verdict('port-change', only(real('10.9.0.2')), facts()), ['passed']);
  });

  it('sets a fallback anew', () => {
    const fallbacks = [{ ...localFallback, port: 8080 }];
    const { findings } = judge('port-change', config(virtual({ fallbacks })), facts());
    const mend = "ipvsd config set test.cf tcp:10.9.0.30:80 'fallback=127.0.0.1:80 gate'";
    assert.deepEqual(
      findings.map(({ command }) => command),
      [mend],
    );
  });
});

describe('local-server', () => {
  const home = away({ '10.9.0.2': local, '127.0.0.1': local });

  it('refuses masq to a loopback address, and takes gate', () => {
    const masq = only(real('127.0.0.1', { forward: 'masq' }));
    assert.deepEqual(verdict('local-server', masq, home), [
      'found',
      `error tcp:10.9.0.30:80 > 127.0.0.1:80: ${edit('127.0.0.1:80', '127.0.0.1:80 gate 1')}`,
    ]);
    assert.deepEqual(verdict('local-server', only(real('127.0.0.1')), home), ['passed']);
  });

  it('tells of a director that is a real server', () => {
    const said = verdict('local-server', only(real('10.9.0.2')), home);
    assert.deepEqual(said, ['passed', `info ${place}: no command`]);
  });
});

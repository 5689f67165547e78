import type { BlockCheck } from '../../src/config/block-checks.ts';
import type { Endpoint } from '../../src/config/endpoint.ts';

/** One check of each kind that blocks describe, with a second in which to end. */
export function blockChecks(target: Endpoint): readonly BlockCheck[] {
  return [
    {
      type: 'http-get',
      target,
      protocol: '1.0',
      urls: [
        {
          path: '/',
          host: '',
          statuses: [
            [200, 200],
            [301, 302],
          ],
          digest: { algorithm: 'md5', hex: '6f5902ac237024bdd0c176cb93063dc4' },
          regex: '',
          regexNoMatch: false,
        },
        { path: '/b', host: 'www', statuses: [[200, 299]], regex: 'ok', regexNoMatch: true },
      ],
      timeoutMs: 1000,
    },
    { type: 'smtp-hello', target, heloName: 'lb', timeoutMs: 1000 },
    { type: 'dns-query', target, queryType: 'SOA', name: '.', timeoutMs: 1000 },
    { type: 'udp', target, payload: '00', timeoutMs: 1000 },
    {
      type: 'udp',
      target,
      payload: '',
      reply: { pattern: '0x', minLength: 1, maxLength: 9 },
      timeoutMs: 1000,
    },
    { type: 'misc', command: '/bin/true', dynamic: false, timeoutMs: 1000 },
    { type: 'file', path: '/nowhere/weight', weight: 0, timeoutMs: 1000 },
    { type: 'file', path: '/nowhere/weight', weight: -5, timeoutMs: 1000 },
    {
      type: 'dialogue',
      transport: 'tcp',
      target: { ...target, from: target.address },
      tls: { verify: 'ca', sni: 'redis', certWarnDays: 0 },
      steps: [{ send: 'AUTH secret\n' }, { expect: 'OK' }],
      timeoutMs: 1000,
    },
    { type: 'dialogue', transport: 'udp', target, steps: [{ send: 'x' }], timeoutMs: 1000 },
    { type: 'agent', target, send: 'web\n', timeoutMs: 1500 },
  ];
}

import type { NegotiateCheck } from '../../src/config/check-model.ts';
import type { CheckTarget } from '../../src/config/check-target.ts';

/** A negotiate check of a http server with nothing special about it. */
export function negotiateCheck(
  target: CheckTarget,
  changes: Partial<NegotiateCheck> = {},
): NegotiateCheck {
  return {
    type: 'negotiate',
    service: 'http',
    protocol: 'tcp',
    target,
    request: '/',
    receive: '',
    httpMethod: 'GET',
    virtualhost: '',
    login: '',
    passwd: '',
    database: '',
    secret: '',
    timeoutMs: 5000,
    ...changes,
  };
}

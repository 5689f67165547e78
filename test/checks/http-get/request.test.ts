import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCheck } from '../../../src/checks/registry.ts';
import { importKeepalived } from '../../../src/config/keepalived/import-keepalived.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { fakeResolver } from '../../support/config-fixtures.ts';
import { segmentServer } from '../../support/segment-server.ts';

const answer = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok';
const agent = 'User-Agent: KeepAliveClient\r\n';
const close = 'Connection: close\r\n';

/** Runs the only check of a configuration. */
async function run(text: string): Promise<void> {
  const options = { resolver: fakeResolver(), hostname: 'balancer' };
  const { config, diagnostics } = await parseConfig(text, 'x.cf', options);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  const [check, ...others] = config?.virtuals[0]?.reals[0]?.checks ?? [];
  assert.ok(check && others.length === 0, 'one check');
  const outcome = await runCheck(check.definition, { signal: new AbortController().signal });
  assert.deepEqual(outcome, { up: true, reason: '200 OK' });
}

function converted(text: string): string {
  const files = { read: () => Buffer.from(text), kind: () => 'file' as const, names: () => [] };
  return importKeepalived('/x.conf', { configId: '', environment: {} }, files).text ?? '';
}

// keepalived: check_http.c, http_request_thread(): three forms, one for each http_protocol
for (const [protocol, keepalived, version, more] of [
  ['1.0', '1.0', '1.0', ''],
  ['1.0C', '1.0C', '1.0', close],
  ['1.0C', '1.0c', '1.0', close],
  ['1.1', '1.1', '1.1', close],
] as const) {
  describe(`protocol = ${protocol}, http_protocol ${keepalived}`, () => {
    const request = (port: number) =>
      `GET /health HTTP/${version}\r\n${agent}${more}Host: 127.0.0.1:${port}\r\n\r\n`;

    it('is what a check block of the file sends', async (t) => {
      const server = await segmentServer(t, { segments: [answer] });
      const { port } = server.endpoint;
      const lines = ['check = http', '        path = /health', `        protocol = ${protocol}`];
      const block = lines.map((line) => `        ${line}\n`).join('');
      await run(`virtual = 10.9.0.30:80\n        real = 127.0.0.1:${port} masq\n${block}`);
      assert.deepEqual(server.requests, [request(port)]);
    });

    it('is what a converted HTTP_GET sends', async (t) => {
      const server = await segmentServer(t, { segments: [answer] });
      const { port } = server.endpoint;
      const url = 'url {\n path /health\n status_code 200\n }';
      const get = `HTTP_GET {\n http_protocol ${keepalived}\n ${url}\n }`;
      const real = `real_server 127.0.0.1 ${port} {\n ${get}\n }`;
      await run(converted(`virtual_server 10.9.0.30 80 {\n protocol TCP\n ${real}\n}\n`));
      assert.deepEqual(server.requests, [request(port)]);
    });
  });
}

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

// Runs in a namespace of its own. Argument: the file that says how to answer, read at each request.
const [script = ''] = process.argv.slice(2);
createServer((_request, response) => {
  const { status, delayMs = 0 } = JSON.parse(readFileSync(script, 'utf8'));
  setTimeout(() => {
    if (response.destroyed) return;
    process.stdout.write(`${JSON.stringify({ atMs: Date.now(), status })}\n`);
    response.writeHead(status).end('Test Page');
  }, delayMs);
}).listen(80, () => process.stdout.write('listening\n'));

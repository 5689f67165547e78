import { createSmtpServer, type SmtpServerOptions } from './smtp-server.ts';

// A mail server on port 25 of a host of the topology. Argument: its options as JSON. It prints each
// mail that it takes as one line of JSON.

const options: SmtpServerOptions = JSON.parse(process.argv[2] ?? '{}');
const server = createSmtpServer({
  ...options,
  onMail: (mail) => process.stdout.write(`${JSON.stringify(mail)}\n`),
});
server.listen(25, () => process.stdout.write('ready\n'));

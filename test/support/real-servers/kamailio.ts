import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RealServer, startRealServer } from './real-server.ts';

/** A user whom it does not know: it answers 404. */
export const unknownSipUser = 'nobody@example.com';

/** Starts kamailio at port 5060 of 127.0.0.1 and ::1, over UDP and TCP. */
export function startKamailio(directory: string): Promise<RealServer> {
  const run = path.join(directory, 'run');
  mkdirSync(run, { recursive: true });
  const config = path.join(directory, 'kamailio.cfg');
  writeFileSync(
    config,
    `#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
listen=udp:[::1]:5060
listen=tcp:[::1]:5060
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "maxfwd.so"
request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (!is_method("OPTIONS")) {
    sl_send_reply("405", "Method Not Allowed");
    exit;
  }
  if ($ru == "sip:${unknownSipUser}") {
    sl_send_reply("404", "Not Found");
    exit;
  }
  sl_send_reply("200", "OK");
}
`,
  );
  return startRealServer({
    argv: ['kamailio', '-DD', '-E', '-f', config, '-Y', run, '-m', '16', '-M', '4'],
    ports: [
      { address: '127.0.0.1', port: 5060 },
      { address: '::1', port: 5060 },
    ],
  });
}

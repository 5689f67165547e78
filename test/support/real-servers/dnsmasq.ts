import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RealServer, startRealServer } from './real-server.ts';

/** Over UDP and TCP, at 127.0.0.1 and ::1. */
export const dnsPort = 5353;

/** What it knows: an address each way, and a name with so many that no datagram holds them. */
export const dnsRecords = {
  name: 'www.example.com',
  ipv4: '192.0.2.7',
  ipv6: '2001:db8::7',
  alias: 'alias.example.com',
  onlyIpv6: 'six.example.com',
  many: 'many.example.com',
} as const;

/** Starts dnsmasq, which asks nobody else. */
export function startDnsmasq(directory: string): Promise<RealServer> {
  mkdirSync(directory, { recursive: true });
  const hosts = path.join(directory, 'hosts');
  const { name, ipv4, ipv6, alias, onlyIpv6, many } = dnsRecords;
  const lots = Array.from({ length: 60 }, (_, i) => `198.51.100.${i + 1} ${many}\n`);
  writeFileSync(hosts, lots.join(''));
  return startRealServer({
    argv: [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root'],
      ...['--pid-file', '--log-facility=-', '--no-resolv', '--no-hosts', `--addn-hosts=${hosts}`],
      ...[`--port=${dnsPort}`, '--bind-interfaces', '--listen-address=127.0.0.1,::1'],
      '--local=/example.com/',
      `--host-record=${name},${ipv4},${ipv6}`,
      `--host-record=${onlyIpv6},2001:db8::8`,
      `--cname=${alias},${name}`,
    ],
    ports: ['127.0.0.1', '::1'].map((address) => ({ address, port: dnsPort })),
  });
}

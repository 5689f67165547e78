import { TLSSocket } from 'node:tls';
import { createSmtpServer } from '../../smtp-server.ts';
import { identity } from '../../tls-identity.ts';
import {
  dnsService,
  dnsStreamService,
  pingService,
  pingStreamService,
  radiusService,
  sipService,
  sipStreamService,
} from './datagrams.ts';
import { ldapService } from './directory.ts';
import { ftpService } from './ftp.ts';
import { closedMailService, imapService, nntpService, popService } from './lines.ts';
import type { TcpService, UdpService } from './service.ts';
import { secureWebService, webService } from './web.ts';

/** What each real server of the differential suite serves, by port. */
export function tcpServices(): ReadonlyMap<number, TcpService> {
  const web = webService();
  const mail = mailService();
  return new Map([
    [7, pingStreamService],
    [21, ftpService],
    [25, mail],
    [53, dnsStreamService],
    [80, web],
    [110, popService],
    [119, nntpService],
    [143, imapService],
    [389, ldapService],
    [443, secureWebService('trusted')],
    [587, mail],
    [636, overTls(ldapService)],
    [993, overTls(imapService)],
    [995, overTls(popService)],
    [3128, web],
    // taken, and nothing more
    [3306, () => undefined],
    [5060, sipStreamService],
    [8080, web],
    [8443, secureWebService('self-signed')],
  ]);
}

export const udpServices: ReadonlyMap<number, UdpService> = new Map([
  [7, pingService],
  [53, dnsService],
  [1812, radiusService],
  [5060, sipService],
]);

function mailService(): TcpService {
  const server = createSmtpServer();
  return (socket, isWell) => {
    if (isWell) server.emit('connection', socket);
    else closedMailService(socket, isWell);
  };
}

function overTls(service: TcpService): TcpService {
  return (socket, isWell) => {
    const secured = new TLSSocket(socket, { isServer: true, ...identity('self-signed') });
    secured.on('error', () => socket.destroy());
    service(secured, isWell);
  };
}

import { endpointText } from '../config/keys.ts';
import type { CheckDefinition } from '../config/model.ts';

/** The check in a few words: `http 10.0.0.2:80 /index.html`, `ping 10.0.0.2`. */
export function checkText(check: CheckDefinition): string {
  switch (check.type) {
    case 'on':
    case 'off':
      return check.type;
    case 'ping':
      return `ping ${check.address}`;
    case 'connect':
      return `connect ${endpointText(check.target)}${check.tls ? ' over TLS' : ''}`;
    case 'negotiate':
      return `${check.service} ${endpointText(check.target)} ${check.request}`.trimEnd();
    case 'combined':
      return `${checkText(check.negotiate)} and ${check.connects} connects`;
    case 'external':
    case 'external-perl':
    case 'misc':
      return `${check.type} ${check.command}`;
    case 'http-get': {
      const paths = check.urls.map(({ path }) => path).join(' ');
      return `${check.tls ? 'https' : 'http'} ${endpointText(check.target)} ${paths}`;
    }
    case 'dns-query':
      return `dns ${endpointText(check.target)} ${check.queryType} ${check.name}`;
    case 'smtp-hello':
      return `smtp ${endpointText(check.target)}`;
    case 'udp':
    case 'agent':
      return `${check.type} ${endpointText(check.target)}`;
    case 'dialogue': {
      const transport = check.tls ? 'tls' : check.transport;
      return `dialogue ${transport} ${endpointText(check.target)}`;
    }
    case 'file':
      return `file ${check.path}`;
  }
}

import type { CheckDefinition } from '../config/check-model.ts';
import { endpointText } from '../config/keys.ts';
import { checkWordNames } from '../config/ldirectord/check-words.ts';
import type { ServerCheck } from '../config/model.ts';

/**
 * What status calls a check of a server, different for each of them: `checkText`, for a block in
 * its own words and with the name of its definecheck, `redis (dialogue tcp 10.0.0.2:6379)`.
 */
export function checkLabel({ name, definition, line }: ServerCheck): string {
  const text = checkText(definition);
  if (line === undefined) return text;
  const words = definition.type === 'connect' ? text.replace('connect', 'tcp') : text;
  const [, wished = '', repeat = ''] = /^(.*?)(#\d+)?$/s.exec(name) ?? [];
  const isNamed = !/\s/.test(wished) && !checkWordNames.some((word) => word === wished);
  if (isNamed) return `${name} (${words})`;
  return repeat === '' ? words : `${words} ${repeat}`;
}

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

import { type AttributeValues, required } from './attribute.ts';
import { COMMAND_ATTRIBUTES, type CommandValues, INFO_ATTRIBUTES } from './ipvs-attributes.ts';

/** Idle timeouts of connections, in seconds (ipvsadm --set). */
export interface Timeouts {
  readonly tcpS: number;
  /** After a FIN was seen. */
  readonly tcpFinS: number;
  readonly udpS: number;
}

export interface Info {
  /** IP_VS_VERSION_CODE as "1.2.1". */
  readonly version: string;
  readonly connectionTableSize: number;
}

export function timeoutsFromAttributes(values: CommandValues): Timeouts {
  return {
    tcpS: required(COMMAND_ATTRIBUTES, values, 'timeoutTcpS'),
    tcpFinS: required(COMMAND_ATTRIBUTES, values, 'timeoutTcpFinS'),
    udpS: required(COMMAND_ATTRIBUTES, values, 'timeoutUdpS'),
  };
}

export function infoFromAttributes(values: AttributeValues<typeof INFO_ATTRIBUTES>): Info {
  return {
    version: versionText(required(INFO_ATTRIBUTES, values, 'version')),
    connectionTableSize: required(INFO_ATTRIBUTES, values, 'connectionTableSize'),
  };
}

/** NVERSION(version): three bytes, most significant first. */
function versionText(version: number): string {
  return [version >> 16, version >> 8, version].map((byte) => byte & 0xff).join('.');
}

import { basename } from 'node:path';

/** Names of the instances that led to a command, so that two that execute each other come to an end. */
const variable = 'IPVSD_EXECUTE_CHAIN';

/** Whether `value` of an `execute` line is an instance that we are called for. */
export function isInChain(value: string): boolean {
  return chain().includes(basename(value));
}

/** The environment of a command about a further instance. */
export function chainWith(instanceName: string): Readonly<Record<string, string>> {
  return { [variable]: [...chain(), instanceName].join('/') };
}

function chain(): readonly string[] {
  return (process.env[variable] ?? '').split('/').filter((name) => name !== '');
}

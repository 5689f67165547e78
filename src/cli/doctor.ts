import { readFileSync, realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import { systemErrorText } from '../config/system-error.ts';
import { directorChecks, realServerSideChecks } from '../doctor/checks.ts';
import { examine } from '../doctor/finding.ts';
import { gatherFacts } from '../doctor/gather/gather.ts';
import { failureText, runTool } from '../doctor/gather/tool.ts';
import { type PeerFacts, parsePeerFacts } from '../doctor/peer-facts.ts';
import { isWell, reportText } from '../doctor/report.ts';
import { shellWord } from '../doctor/shell-word.ts';
import { CliError } from './cli-error.ts';
import { configPath, wholeOrFail } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { checkOptions } from './load.ts';

const findingsExitCode = 1;
/** The other machine looks at itself first, and asks the network. */
const peerTimeoutMs = 60_000;

const options = {
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  'real-server': { type: 'boolean', default: false },
  facts: { type: 'boolean', default: false },
  peer: { type: 'string' },
  'peer-facts': { type: 'string' },
} as const;

/**
 * `ipvsd doctor CONFIG`: looks at the machine for what keeps the file from working. Changes nothing.
 *
 * @returns 0 when there is nothing to mend, 1 when there are errors or warnings.
 * @throws CliError with exit code 2 for wrong arguments, a broken file and a peer that does not answer.
 */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const { argument, values } = parseCall(args);
  const path = realPath(configPath(argument));
  // a missing package is a finding here, not an error of the file
  const loaded = await loadConfig(path, { ...checkOptions, missingPackage: undefined });
  const { config } = wholeOrFail(loaded);
  const role = values['real-server'] ? 'real-server' : 'director';
  const [facts, peer] = await Promise.all([gatherFacts(config, role), peerFacts(values, argument)]);
  if (values.facts) {
    process.stdout.write(`${JSON.stringify(facts, undefined, 2)}\n`);
    return exitCodes.ok;
  }
  const checks = role === 'director' ? directorChecks : realServerSideChecks;
  const examined = examine({ config, facts, ...(peer !== undefined && { peer }) }, checks);
  const ok = isWell(examined);
  const report = { ok, host: facts.host, config: config.path, checks: examined };
  process.stdout.write(
    values.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report, values.verbose),
  );
  return ok ? exitCodes.ok : findingsExitCode;
}

function parseCall(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [argument, ...surplus] = positionals;
    if (argument === undefined || surplus.length > 0)
      throw new Error('expected exactly one CONFIG');
    if (values.peer !== undefined && values['peer-facts'] !== undefined) {
      throw new Error('expected --peer or --peer-facts, got both');
    }
    return { argument, values };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw failure(message.replace(/\. To specify .*/s, ''));
  }
}

/** As a daemon names its file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function peerFacts(
  values: ReturnType<typeof parseCall>['values'],
  argument: string,
): Promise<PeerFacts | undefined> {
  const { peer, 'peer-facts': file } = values;
  if (file !== undefined) return understood(file, readText(file));
  if (peer === undefined) return undefined;
  if (peer.startsWith('-')) throw failure(`--peer: expected a host, got "${peer}"`);
  // the words go through a shell there
  const command = `ipvsd doctor --facts -- ${shellWord(argument)}`;
  const result = await runTool('ssh', ['-o', 'BatchMode=yes', peer, command], {
    timeoutMs: peerTimeoutMs,
  });
  if (result.kind === 'missing' || result.exitCode !== 0) {
    throw failure(`--peer ${peer}: ${failureText('ssh', result)}`);
  }
  // by the name that reaches it, which may be another one than its own
  return { ...understood(`--peer ${peer}`, result.stdout), host: peer };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw failure(`${path}: ${systemErrorText(error)}`);
  }
}

function understood(source: string, text: string): PeerFacts {
  try {
    return parsePeerFacts(text);
  } catch (error) {
    throw failure(`${source}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function failure(text: string): CliError {
  return new CliError(`doctor: ${text}`, exitCodes.configError);
}

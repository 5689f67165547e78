import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Examined, Finding } from '../../src/doctor/finding.ts';
import { program } from './ipvsd.ts';
import type { ExecResult, Host } from './topology/host.ts';
import type { Topology } from './topology.ts';

/** `ipvsd doctor` in the hosts of a topology. */
export interface Doctor {
  /** Where the files are that it is called with. */
  readonly configPath: string;
  /** Runs it to its end; `CONFIG` in it stands for the file of that text. */
  call(host: Host, text: string, ...options: readonly string[]): Promise<ExecResult>;
  /** One check of its report. */
  examine(
    host: Host,
    text: string,
    check: string,
    ...options: readonly string[]
  ): Promise<Examined>;
  /** Runs the command of a finding, as somebody at a terminal would. */
  mend(host: Host, finding: Finding): Promise<void>;
  /**
   * The first finding of a check is as expected, its command runs, and then the check has none. The
   * exit code turns from 1 to 0, unless other checks have findings still.
   *
   * @returns that finding.
   */
  findAndMend(expected: {
    readonly host: Host;
    readonly text: string;
    readonly check: string;
    readonly level: Finding['level'];
    readonly what: RegExp;
    readonly options?: readonly string[];
    /** Where the command is given; the same host if not given. */
    readonly on?: Host;
    /** The only checks that may have errors or warnings afterwards. */
    readonly others?: readonly string[];
    /** For what the command leaves open: `GATEWAY`, `PORT`. */
    readonly words?: Readonly<Record<string, string>>;
  }): Promise<Finding>;
}

/** The virtual address of their files, and the address of the first real server. */
export const vip = '10.9.0.200';
export const one = '10.9.0.101';

/** A file with one virtual server on that address, and those lines. */
export function file(...lines: readonly string[]): string {
  return section(`${vip}:80`, 'fallback=127.0.0.1:80 gate', ...lines);
}

/** A file with one virtual server and those lines. */
export function section(virtual: string, ...lines: readonly string[]): string {
  const all = [...lines, 'checktype=connect'].map((line) => `        ${line}\n`);
  return `virtual=${virtual}\n${all.join('')}`;
}

/** `ipvsd` is a word of the commands, so it is put on the path. */
export function doctorIn(net: Topology): Doctor {
  const bin = path.join(net.directory, 'bin');
  const configPath = path.join(net.directory, 'doctor.cf');
  mkdirSync(bin, { recursive: true });
  const wrapper = path.join(bin, 'ipvsd');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`);
  chmodSync(wrapper, 0o755);
  const { PATH = '' } = process.env;
  const env = { PATH: `${bin}:${PATH}` };

  const run = async (host: Host, ...options: readonly string[]): Promise<ExecResult> =>
    host.exec(['ipvsd', 'doctor', configPath, ...options], { allowFailure: true, env });
  const report = async (host: Host, options: readonly string[]) => {
    const { exitCode, stdout, stderr } = await run(host, '--json', ...options);
    const { checks }: { checks: readonly Examined[] } = JSON.parse(stdout || '{}');
    assert.ok(checks, stderr);
    const bad = checks.filter(({ outcome }) => outcome === 'found').map(({ name }) => name);
    assert.equal(exitCode, bad.length === 0 ? 0 : 1, stderr);
    const named = (check: string): Examined => {
      const found = checks.find(({ name }) => name === check);
      assert.ok(found, `expected a check "${check}"`);
      return found;
    };
    return { bad, named };
  };
  const mend = async (host: Host, { command }: Finding): Promise<void> => {
    assert.ok(command, 'expected a command');
    await host.exec(['sh', '-euc', command], { env });
  };
  return {
    configPath,
    call: (host, text, ...options) => {
      writeFileSync(configPath, text);
      return run(host, ...options);
    },
    examine: async (host, text, check, ...options) => {
      writeFileSync(configPath, text);
      return (await report(host, options)).named(check);
    },
    mend,
    findAndMend: async ({
      host,
      text,
      check,
      level,
      what,
      options = [],
      on = host,
      others = [],
      words = {},
    }) => {
      writeFileSync(configPath, text);
      const { outcome, findings } = (await report(host, options)).named(check);
      const [finding] = findings;
      assert.ok(finding, `${check}: expected a finding`);
      assert.equal(finding.level, level);
      assert.match(`${finding.where}: ${finding.what}`, what);
      assert.equal(outcome, 'found');
      let { command = '' } = finding;
      for (const [word, value] of Object.entries(words)) command = command.replaceAll(word, value);
      await mend(on, { ...finding, command });
      const { bad, named } = await report(host, options);
      const after = named(check);
      assert.deepEqual(after.findings, [], command);
      assert.match(after.outcome, /^(passed|not needed)$/);
      assert.deepEqual(
        bad.filter((name) => !others.includes(name)),
        [],
      );
      return finding;
    },
  };
}

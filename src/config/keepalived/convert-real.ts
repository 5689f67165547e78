import type { AddressFamily } from '../endpoint.ts';
import type { Conversion } from './conversion.ts';
import { type ConvertedCheck, convertCheck } from './convert-check.ts';
import type { Findings } from './finding.ts';
import { forwardOf, portInKernel } from './forwarding.ts';
import type { Target } from './groups.ts';
import { boolOf, inherited, numberOf } from './inherit.ts';
import type { Item } from './items.ts';
import { commandText, readScript, unwritable } from './script-words.ts';
import type { Statement } from './tree.ts';
import { type Address, readAddressPort } from './values.ts';
import { checkBlocks } from './virtual-keywords.ts';

/** A real server in the words of the new file. */
export interface ConvertedReal extends Address {
  /** In the kernel. */
  readonly port: number;
  readonly weight: number;
  /** `real=` or `real6=`, without its checks. */
  readonly item: Item;
  readonly checks: readonly ConvertedCheck[];
}

/** @returns undefined for a server that keepalived leaves out as well. */
export function convertReal(
  real: Statement,
  target: Target,
  virtual: Statement,
  conversion: Conversion,
): ConvertedReal | undefined {
  const { findings } = conversion;
  const written = readAddressPort(real.words);
  if (written === undefined) return undefined;
  const block = real.block ?? [];
  const outer = virtual.block ?? [];
  const forward = forwardOf(inherited([block, outer], 'lvs_method', 'lb_kind'));
  const family: AddressFamily | undefined = target.family;
  if (family !== undefined && written.family !== family) {
    const message =
      forward.method === 'ipip'
        ? 'of another family than the virtual server: such a tunnel cannot be written here'
        : 'of another family than the virtual server; left out, as keepalived does';
    findings.add(forward.method === 'ipip' ? 'lost' : 'hand', real, real.keyword, message);
    return undefined;
  }
  const port = portInKernel(written.port, forward, target);
  if (port !== written.port && written.port !== 0) {
    const what =
      port === 0 ? 'no port, as for every firewall mark' : `port ${port} of the virtual server`;
    const message = `${forward.method} does not change ports: it gets ${what}; checks go to ${written.port}`;
    findings.add('note', real, real.keyword, message);
  }
  const weight = numberOf([block, outer], 'weight') ?? 1;
  const words = [
    addressText(written, port),
    forward.text,
    String(weight),
    ...thresholds(real, findings),
  ];
  const context = {
    server: { ...written, port, writtenPort: written.port },
    real: block,
    virtual: outer,
    ...conversion,
  };
  const checks = block
    .filter(({ keyword }) => checkBlocks.some((known) => known === keyword))
    .flatMap((check) => convertCheck(check, context));
  return {
    ...written,
    port,
    weight,
    item: {
      name: family6(written) ? 'real6' : 'real',
      value: words.join(' '),
      items: [...inhibitItems(block, outer), ...notifierItems(block, conversion)],
    },
    checks,
  };
}

/** `10.0.0.2:80`, `[fd00::2]:80`; without a port where there is none. */
export function addressText({ family, address }: Address, port: number): string {
  const host = family === 'inet6' ? `[${address}]` : address;
  return port === 0 ? host : `${host}:${port}`;
}

/** The user of a script is that of ipvsd. */
export function scriptValue(script: Statement, { findings }: Conversion): string | undefined {
  const found = readScript(script.raw);
  if (found === undefined) {
    findings.add('error', script, script.keyword, `expected a command, got ${script.raw}`);
    return undefined;
  }
  if (found.user !== undefined) {
    const message = `runs as the user of ipvsd, not as "${found.user}": put runuser or sudo before it`;
    findings.add('hand', script, script.keyword, message);
  }
  const text = commandText(found.words);
  if (text === undefined) findings.add('lost', script, script.keyword, unwritable);
  return text;
}

function family6({ family }: Address): boolean {
  return family === 'inet6';
}

/** The kernel refuses a server whose lower threshold is above its upper one (ip_vs_add_dest()). */
function thresholds(real: Statement, findings: Findings): readonly string[] {
  const block = real.block ?? [];
  const lower = numberOf([block], 'lthreshold') ?? 0;
  const upper = numberOf([block], 'uthreshold') ?? 0;
  if (lower > upper) {
    const message = `${lower} is above uthreshold, ${upper}, which the kernel refuses; left out`;
    findings.add('hand', real, 'lthreshold', message);
  }
  return [
    ...(lower > 0 && lower <= upper ? [`l:${lower}`] : []),
    ...(upper > 0 ? [`u:${upper}`] : []),
  ];
}

function inhibitItems(block: readonly Statement[], outer: readonly Statement[]): readonly Item[] {
  const own = boolOf([block], 'inhibit_on_failure');
  const common = boolOf([outer], 'inhibit_on_failure') ?? false;
  if (own === undefined || own === common) return [];
  return [{ name: 'inhibit', value: own ? 'yes' : 'no' }];
}

/** Of several the first counts. */
function notifierItems(block: readonly Statement[], conversion: Conversion): readonly Item[] {
  return (['notify_up', 'notify_down'] as const).flatMap((keyword) => {
    const [script, second] = block.filter((statement) => statement.keyword === keyword);
    if (second !== undefined) {
      const message = 'a second one; left out, as keepalived does';
      conversion.findings.add('note', second, keyword, message);
    }
    const value = script && scriptValue(script, conversion);
    return value === undefined ? [] : [{ name: keyword.replace('_', ''), value }];
  });
}

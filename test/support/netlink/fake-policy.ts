import assert from 'node:assert/strict';
import type { Attributes, Policy } from './fake-attributes.ts';

/** What a request may carry, after the nla_policy tables of ip_vs_ctl.c. */
const SERVICE: Policy = {
  1: { name: 'AF', kind: { bytes: 2 } },
  2: { name: 'PROTOCOL', kind: { bytes: 2 } },
  3: { name: 'ADDR', kind: { bytes: 16 } },
  4: { name: 'PORT', kind: { bytes: 2 } },
  5: { name: 'FWMARK', kind: { bytes: 4 } },
  6: { name: 'SCHED_NAME', kind: { text: 15 } },
  7: { name: 'FLAGS', kind: { bytes: 8 } },
  8: { name: 'TIMEOUT', kind: { bytes: 4 } },
  9: { name: 'NETMASK', kind: { bytes: 4 } },
  11: { name: 'PE_NAME', kind: { text: 16 } },
};

const DESTINATION: Policy = {
  1: { name: 'ADDR', kind: { bytes: 16 } },
  2: { name: 'PORT', kind: { bytes: 2 } },
  3: { name: 'FWD_METHOD', kind: { bytes: 4 } },
  4: { name: 'WEIGHT', kind: { bytes: 4 } },
  5: { name: 'U_THRESH', kind: { bytes: 4 } },
  6: { name: 'L_THRESH', kind: { bytes: 4 } },
  11: { name: 'ADDR_FAMILY', kind: { bytes: 2 } },
  13: { name: 'TUN_TYPE', kind: { bytes: 1 } },
  14: { name: 'TUN_PORT', kind: { bytes: 2 } },
  15: { name: 'TUN_FLAGS', kind: { bytes: 2 } },
};

const DAEMON: Policy = {
  1: { name: 'STATE', kind: { bytes: 4 } },
  2: { name: 'MCAST_IFN', kind: { text: 15 } },
  3: { name: 'SYNC_ID', kind: { bytes: 4 } },
  4: { name: 'SYNC_MAXLEN', kind: { bytes: 2 } },
  5: { name: 'MCAST_GROUP', kind: { bytes: 4 } },
  6: { name: 'MCAST_GROUP6', kind: { bytes: 16 } },
  7: { name: 'MCAST_PORT', kind: { bytes: 2 } },
  8: { name: 'MCAST_TTL', kind: { bytes: 1 } },
};

export const COMMAND_POLICY: Policy = {
  1: { name: 'SERVICE', kind: { nested: SERVICE } },
  2: { name: 'DEST', kind: { nested: DESTINATION } },
  3: { name: 'DAEMON', kind: { nested: DAEMON } },
  4: { name: 'TIMEOUT_TCP', kind: { bytes: 4 } },
  5: { name: 'TIMEOUT_TCP_FIN', kind: { bytes: 4 } },
  6: { name: 'TIMEOUT_UDP', kind: { bytes: 4 } },
};

export const CONTROL_POLICY: Policy = { 2: { name: 'FAMILY_NAME', kind: { text: 15 } } };

/** What stands in each command, no more and no less: "?" marks what may be left out. */
const CONTENTS: Readonly<Record<number, string>> = {
  1: 'SERVICE.full',
  2: 'SERVICE.full',
  3: 'SERVICE.id',
  4: 'SERVICE.id?',
  5: 'SERVICE.id DEST.full',
  6: 'SERVICE.id DEST.full',
  7: 'SERVICE.id DEST.id',
  8: 'SERVICE.id',
  9: 'DAEMON.full',
  10: 'DAEMON.id',
  11: '',
  12: 'TIMEOUT_TCP? TIMEOUT_TCP_FIN? TIMEOUT_UDP?',
  13: '',
  15: '',
  16: 'SERVICE.id?',
  17: '',
};

/** Insists that a command carries what it needs, and nothing that the kernel would pass over. */
export function checkContents(command: number, attributes: Attributes): void {
  const contents = CONTENTS[command];
  assert.ok(contents !== undefined, `command ${command} is known`);
  const allowed = new Set<string>();
  for (const word of contents.split(' ').filter((part) => part !== '')) {
    const optional = word.endsWith('?');
    const [name = '', form] = word.replace('?', '').split('.');
    allowed.add(name);
    if (!attributes.has(name)) {
      assert.ok(optional, `command ${command}: ${name} is there`);
    } else if (form !== undefined) {
      for (const inner of checkForm(name, form, attributes)) allowed.add(`${name}.${inner}`);
    }
  }
  for (const name of attributes.keys()) {
    assert.ok(allowed.has(name), `command ${command}: ${name} has no place here`);
  }
}

/** @returns the names that may stand inside. */
function checkForm(outer: string, form: string, attributes: Attributes): readonly string[] {
  const has = (name: string): boolean => attributes.has(`${outer}.${name}`);
  const { need, may } = rulesOf(outer, form, has, attributes);
  for (const name of need) assert.ok(has(name), `${outer}.${name} is there`);
  return [...need, ...may];
}

function rulesOf(
  outer: string,
  form: string,
  has: (name: string) => boolean,
  attributes: Attributes,
): { need: readonly string[]; may: readonly string[] } {
  if (outer === 'SERVICE') {
    const id = has('FWMARK') ? ['AF', 'FWMARK'] : ['AF', 'PROTOCOL', 'ADDR', 'PORT'];
    if (form === 'id') return { need: id, may: [] };
    return { need: [...id, 'SCHED_NAME', 'FLAGS', 'TIMEOUT', 'NETMASK'], may: ['PE_NAME'] };
  }
  if (outer === 'DEST') {
    const id = ['ADDR_FAMILY', 'ADDR', 'PORT'];
    if (form === 'id') return { need: id, may: [] };
    const tunnelled = attributes.get('DEST.FWD_METHOD')?.readUInt32LE() === 2;
    const tunnel = tunnelled ? ['TUN_TYPE', 'TUN_PORT', 'TUN_FLAGS'] : [];
    return { need: [...id, 'FWD_METHOD', 'WEIGHT', 'U_THRESH', 'L_THRESH', ...tunnel], may: [] };
  }
  if (form === 'id') return { need: ['STATE'], may: [] };
  const may = ['SYNC_MAXLEN', 'MCAST_GROUP', 'MCAST_GROUP6', 'MCAST_PORT', 'MCAST_TTL'];
  return { need: ['STATE', 'MCAST_IFN', 'SYNC_ID'], may };
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchInput, readBatch } from '../../src/backend/ipvsadm-batch.ts';
import type { Operation, OperationOutcome } from '../../src/ipvs-netlink/model.ts';
import { server, serverId, service, web } from '../contract/sample-table.ts';

const add: Operation = { kind: 'add-service', service: service(web) };
const edit: Operation = { kind: 'edit-service', service: service(web) };
const remove: Operation = { kind: 'delete-service', service: web };
const addServer: Operation = {
  kind: 'add-destination',
  service: web,
  destination: server('10.9.0.2', 80),
};
const removeServer: Operation = {
  kind: 'delete-destination',
  service: web,
  destination: serverId('10.9.0.2', 80),
};

describe('batchInput', () => {
  it('follows each operation with a command that changes nothing', () => {
    assert.deepEqual(batchInput([add, remove]).split('\n'), [
      '-A -t 10.9.0.30:80 -s rr',
      '-Z --sctp-service 255.255.255.255:65535',
      '-D -t 10.9.0.30:80',
      '-d --sctp-service 255.255.255.255:65535 -r 255.255.255.255:65535',
      '',
    ]);
  });
});

// the sentences are those of ipvsadm 1.31 for these situations
describe('readBatch', () => {
  it('finds every operation done when only markers answered', () => {
    const answers = ['No such service', 'Service not defined', 'No such service'];
    assert.deepEqual(messages(readBatch([add, edit, addServer], answers.join('\n'))), [
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('gives each refusal to its operation, also where it reads like a marker', () => {
    const answers = [
      ['Service already exists', 'No such service'],
      ['No such service', 'Service not defined'],
      ['Service not defined', 'No such service'],
      ['No such service'],
      ['No such service', 'Service not defined'],
    ];
    const outcomes = readBatch(
      [add, edit, addServer, removeServer, remove],
      answers.flat().join('\n'),
    );
    assert.deepEqual(messages(outcomes), [
      'ipvsadm: Service already exists',
      'ipvsadm: No such service',
      'ipvsadm: Service not defined',
      undefined,
      'ipvsadm: No such service',
    ]);
  });

  it('ends with the operation that ipvsadm stopped at', () => {
    const outcomes = readBatch(
      [add, addServer, remove],
      'No such service\nillegal weight specified\n',
    );
    assert.deepEqual(messages(outcomes), [undefined, 'ipvsadm: illegal weight specified']);
  });

  it('ends with the first operation when ipvsadm said nothing', () => {
    assert.deepEqual(messages(readBatch([add, remove], '')), ['ipvsadm ended before it']);
  });
});

function messages(outcomes: readonly OperationOutcome[]): readonly (string | undefined)[] {
  return outcomes.map(({ error }) => error?.message);
}

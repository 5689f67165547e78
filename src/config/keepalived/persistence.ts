import type { Findings } from './finding.ts';
import type { Target } from './groups.ts';
import { inherited, wordOf } from './inherit.ts';
import type { Item } from './items.ts';
import type { Statement } from './tree.ts';

/** Of a bare persistence_timeout, and of what switches persistence on without one. */
const defaultTimeoutS = 360;
const maxEngineLength = 16;

/** Persistence, and what needs it: granularity, engine, a service for every port. */
export function persistenceItems(
  virtual: Statement,
  target: Target,
  findings: Findings,
): readonly Item[] {
  const block = virtual.block ?? [];
  const timeout = inherited([block], 'persistence_timeout');
  const granularity = inherited([block], 'persistence_granularity');
  const engine = wordOf([block], 'persistence_engine');
  const anyPort = 'port' in target && target.port === 0;
  if (timeout === undefined && granularity === undefined && !anyPort) {
    const statement = inherited([block], 'persistence_engine');
    if (statement !== undefined) {
      findings.add(
        'note',
        statement,
        'persistence_engine',
        'nothing without persistence_timeout, as in keepalived',
      );
    }
    return [];
  }
  if (timeout === undefined) {
    const reason =
      granularity === undefined
        ? 'a service for every port needs it'
        : 'persistence_granularity switches it on';
    const message = `none is given, which is ${defaultTimeoutS}, as in keepalived: ${reason}`;
    findings.add('note', virtual, 'persistence_timeout', message);
  }
  const items: Item[] = [
    { name: 'persistent', value: timeout?.words[0] ?? String(defaultTimeoutS) },
  ];
  const mask = granularity?.words[0] ?? '';
  if (granularity !== undefined && target.family !== undefined) {
    if (mask.includes('.') === (target.family === 'inet'))
      items.push({ name: 'netmask', value: mask });
    else {
      const message = 'of another family than the virtual server; ignored, as keepalived does';
      findings.add('hand', granularity, 'persistence_granularity', message);
    }
  }
  if (engine !== undefined) {
    items.push({ name: 'persistentengine', value: engine.slice(0, maxEngineLength) });
  }
  return items;
}

import type { Findings } from './finding.ts';
import { inherited } from './inherit.ts';
import type { Item } from './items.ts';
import type { Statement } from './tree.ts';

const schedulerWords: ReadonlySet<string> = new Set(['lvs_sched', 'lb_algo']);
const flagWord = /^(flag-[123]|(sh|mh)-(port|fallback))$/;

/** Scheduler and its flags; named flags count behind the scheduler that they are of, and there alone. */
export function schedulingItems(virtual: Statement, findings: Findings): readonly Item[] {
  const block = virtual.block ?? [];
  const found = inherited([block], ...schedulerWords);
  if (found === undefined) {
    findings.add('note', virtual, 'lvs_sched', 'none is given, which is wlc, as in keepalived');
  }
  const flags: string[] = [];
  let scheduler = '';
  for (const statement of block) {
    const { keyword } = statement;
    if (schedulerWords.has(keyword)) scheduler = statement.words[0] ?? '';
    if (!flagWord.test(keyword)) continue;
    const [, owner = scheduler] = /^(sh|mh)-/.exec(keyword) ?? [];
    if (owner === scheduler || keyword.startsWith('flag-')) {
      if (!flags.includes(keyword)) flags.push(keyword);
      continue;
    }
    const message = `counts behind "lvs_sched ${owner}" alone; ignored, as keepalived does`;
    findings.add('hand', statement, keyword, message);
  }
  return [
    { name: 'scheduler', value: found?.words[0] ?? 'wlc' },
    ...(flags.length > 0 ? [{ name: 'schedflags', value: flags.join(',') }] : []),
  ];
}

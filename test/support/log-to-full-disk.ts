import { openLog } from '../../src/daemon/log.ts';

/** A program: logs 80 MB to a disk that takes nothing, and a crash at the end. */
const log = await openLog([{ kind: 'file', path: '/dev/full' }], 'info', 'a.cf');
for (let i = 0; i < 80_000; i++) log.logger.info('x'.repeat(1000));
log.logger.fatal('the end');
await log.close();
process.stdout.write('done');

import { accepts, type Claims, description, h, returns, Task, task } from 'dispatcher';
import { ALL_SHARES, type ShareRow, SHARES } from './share.schema.js';

/** Made of subtasks, one for each share; what a schedule submits every night. */
@description('Measures all shares')
@task('nas.measure_all', { executor: 'inline' })
@accepts()
@returns(h.object({ shares: h.integer(), used_bytes: h.integer() }))
export class MeasureAllTask extends Task {
  override verify(): Claims {
    return [{ resource: ALL_SHARES, mode: 'shared' }];
  }

  async run(): Promise<{ shares: number; used_bytes: number }> {
    const rows = await this.datastore.query<ShareRow>(SHARES, [], { sort: 'id' });
    let used_bytes = 0;
    for (const [index, { id }] of rows.entries()) {
      const from = (index / rows.length) * 100;
      const measuring = this.runSubtask('nas.share.measure', id);
      const [bytes] = await this.joinSubtasks(
        measuring.withProgress(from, from + 100 / rows.length),
      );
      used_bytes += Number(bytes);
    }
    return { shares: rows.length, used_bytes };
  }
}

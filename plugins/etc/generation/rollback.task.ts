import {
  accepts,
  type Claims,
  description,
  Errno,
  h,
  type Infer,
  requireRoles,
  returns,
  Task,
  task,
  TaskException,
} from 'dispatcher';
import { GroupResources } from './group-resources.js';
import { failureOf, type Report } from './report.js';

const ROLLBACK = h.object({
  name: h.string({ minLength: 1, maxLength: 4_096, description: 'Of the file, as it is managed' }),
  revision: h.integer({ minimum: 1, description: 'As the history of the file numbers it' }),
});
type Rollback = Infer<typeof ROLLBACK>;

@description('Puts an older content of a file back in place, with its validators and actions')
@task('etcd.rollback', { executor: 'inline' })
@requireRoles('admin')
@accepts(ROLLBACK)
@returns(h.any())
export class RollbackTask extends Task {
  static override readonly earlyDescribe = 'Putting back an older file';

  constructor(private readonly resources: GroupResources) {
    super();
  }

  override describe({ name, revision }: Rollback): string {
    return `Putting back revision ${revision} of ${name}`;
  }

  override async verify({ name }: Rollback): Promise<Claims> {
    return this.resources.claimsOf({ names: [name] });
  }

  override async run({ name, revision }: Rollback): Promise<Report> {
    const report = await this.dispatcher.callSync<Report>(
      'etcd.generation.rollback',
      name,
      revision,
    );
    const failure = failureOf(report);
    if (failure !== null) throw new TaskException(Errno.EIO, failure, report);
    return report;
  }
}

import {
  accepts,
  type Claims,
  description,
  Errno,
  h,
  isDispatcherError,
  type Infer,
  requireRoles,
  returns,
  Task,
  task,
  TaskException,
  VerifyException,
} from 'dispatcher';
import { GroupResources } from './group-resources.js';
import { failureOf, type Report, summaryOf } from './report.js';

const NAMES = h.optional(
  h.nullable(h.array(h.string({ minLength: 1, maxLength: 4_096 }), { maxItems: 1_000 })),
);
const MAX_CONFIRM_SECONDS = 86_400;

const GENERATE = h.object({
  names: NAMES,
  groups: NAMES,
  all: h.boolean({ default: false, description: 'Every file that is known' }),
  confirm_seconds: h.optional(
    h.nullable(
      h.integer({
        minimum: 1,
        maximum: MAX_CONFIRM_SECONDS,
        description: 'All is taken back unless etcd.generation.confirm comes within so many',
      }),
    ),
  ),
});
type Generate = Infer<typeof GENERATE>;

/** Rendering is the one, putting in place the other. */
const HALF = 50;

/** What `etcd.generation_progress` carries. */
interface Progress {
  readonly reason: string;
  readonly stage: 'render' | 'commit';
  readonly name: string;
  readonly done: number;
  readonly total: number;
}

@description('Generates files of the system by dispatcher-etcd')
@task('etcd.generate', { executor: 'inline' })
@requireRoles('admin')
@accepts(GENERATE)
@returns(h.any())
export class GenerateTask extends Task {
  static override readonly earlyDescribe = 'Generating files';

  constructor(private readonly resources: GroupResources) {
    super();
  }

  override describe({ names, groups, all }: Generate): string {
    if (all) return 'Generating all files';
    return `Generating ${[...(groups ?? []), ...(names ?? [])].join(', ')}`;
  }

  override async verify(arg: Generate): Promise<Claims> {
    const { names, groups, all } = arg;
    if (!all && (names?.length ?? 0) === 0 && (groups?.length ?? 0) === 0) {
      const message = 'Nothing to generate: give names, groups, or all: true';
      throw new VerifyException(Errno.EINVAL, message);
    }
    return this.resources.claimsOf(all ? {} : arg);
  }

  /** One generation of all of them: they see the same data, and what reads them is told once. */
  override async run(arg: Generate): Promise<Report> {
    this.setProgress(0, 'Rendering');
    const mask = 'etcd.generation_progress';
    const { dispatcher } = this;
    const handler = dispatcher.registerEventHandler(mask, (args) =>
      this.#follow(args as unknown as Progress),
    );
    try {
      return await this.#finish(arg);
    } finally {
      dispatcher.unregisterEventHandler(mask, handler);
    }
  }

  async #finish(arg: Generate): Promise<Report> {
    const report = await this.#generate(arg);
    const failure = failureOf(report);
    if (failure !== null) throw new TaskException(Errno.EIO, failure, report);
    this.setProgress(100, summaryOf(report));
    return report;
  }

  #follow({ reason, stage, name, done, total }: Progress): void {
    if (reason !== `task:${this.id}`) return;
    const part = (HALF * done) / total;
    if (stage === 'render') this.setProgress(part, `Rendering ${name}`);
    else this.setProgress(HALF + part, `Putting ${name} in place`);
  }

  /** A file's failure is in the report that the error carries along. */
  async #generate({ names, groups, all, confirm_seconds }: Generate): Promise<Report> {
    const selected = all ? null : { names: names ?? [], groups: groups ?? [] };
    const options = confirm_seconds == null ? null : { confirmSeconds: confirm_seconds };
    try {
      return await this.dispatcher.callSync<Report>('etcd.generation.generate', selected, options);
    } catch (error) {
      const extra = isDispatcherError(error) && error.code === Errno.EIO ? error.extra : null;
      if (isReport(extra)) return extra;
      throw error;
    }
  }
}

const isReport = (extra: unknown): extra is Report =>
  typeof extra === 'object' && extra !== null && 'files' in extra;

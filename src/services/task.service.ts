import { coded, withFields } from '../common/index.js';
import { ConnectionSender } from '../gateway/index.js';
import {
  accepts,
  description,
  type Filter,
  h,
  provider,
  query,
  type QueryParams,
  requireRoles,
  returns,
  type Sender,
  sender,
  signal,
} from '../sdk/index.js';
import {
  ExecutorPool,
  maySubmit,
  type SubmitRequest,
  TaskHandlerTable,
  TaskReader,
  TaskSeat,
} from '../tasks/index.js';
import {
  EXECUTOR_ROW,
  type ExecutorRow,
  EXPLANATION,
  type Explanation,
  PLAN,
  RESOURCE_ROW,
  type ResourceRow,
  TASK_ROW,
  type TaskPlan,
  type TaskRow,
} from '../wire/index.js';
import { NAME } from './name.schema.js';

const ARGUMENTS = h.optional(h.nullable(h.array(h.any())));

@provider('task')
@description('Submits tasks, follows them, stops them, and says why they wait')
export class TaskService {
  constructor(
    private readonly tasks: TaskSeat,
    private readonly reader: TaskReader,
    private readonly handlers: TaskHandlerTable,
    private readonly executors: ExecutorPool,
  ) {}

  @description('Submits a task and returns its id; the task is on disk then')
  @accepts(NAME, ARGUMENTS)
  @returns(h.integer())
  @requireRoles('operator')
  submit(
    name: string,
    args: unknown[] | null | undefined,
    @sender() caller: Sender,
  ): Promise<number> {
    return this.tasks.submit(requestOf(name, args, caller));
  }

  @description(
    'Submits a task with an environment; the same idempotencyKey in it, submitted again, gives the first id',
  )
  @accepts(NAME, h.nullable(h.array(h.any())), Object)
  @returns(h.integer())
  @requireRoles('operator')
  submitWithEnv(
    name: string,
    args: unknown[] | null,
    environment: Record<string, unknown>,
    @sender() caller: Sender,
  ): Promise<number> {
    return this.tasks.submit(withFields(requestOf(name, args, caller), { environment }));
  }

  @description('Says what a task would lock and do, without submitting it')
  @accepts(NAME, ARGUMENTS)
  @returns(PLAN)
  @requireRoles('operator')
  async plan(
    name: string,
    args: unknown[] | null | undefined,
    @sender() caller: Sender,
  ): Promise<TaskPlan> {
    const request = requestOf(name, args, caller);
    const { claims, description: text } = await this.tasks.plan(request);
    return { resources: claims, description: text };
  }

  @description('The row of a task')
  @accepts(h.integer())
  @returns(TASK_ROW)
  status(id: number, @sender() caller: Sender): Promise<TaskRow> {
    return this.reader.status(id, caller);
  }

  @description('Returns the row of a task as soon as it has ended, at once if it has')
  @accepts(h.integer())
  @returns(TASK_ROW)
  wait(id: number, @sender() caller: Sender, @signal() gone: AbortSignal): Promise<TaskRow> {
    return this.reader.wait(id, caller, gone);
  }

  @description(
    'Tells a task to stop; true when it will end because of that, false when it is too late',
  )
  @accepts(h.integer())
  @returns(Boolean)
  @requireRoles('operator')
  async abort(id: number, @sender() caller: Sender): Promise<boolean> {
    const { tasks, handlers, reader } = this;
    const { name } = await reader.status(id, caller);
    const handler = handlers.get(name);
    // a private task is its plugin's to submit, but an operator's to stop
    if (handler !== undefined && !maySubmit(caller, { ...handler, isPrivate: false })) {
      throw coded('INSUFFICIENT_PRIVILEGES');
    }
    return tasks.abort(id);
  }

  @description('Lists tasks, present and past ones')
  @query(TASK_ROW)
  query(
    filter: Filter | undefined,
    params: QueryParams | undefined,
    @sender() caller: Sender,
  ): Promise<unknown> {
    return this.reader.query(filter, params, caller);
  }

  @description('Everything that tasks can lock, with who has it and who waits for it')
  @accepts()
  @returns(h.array(RESOURCE_ROW))
  listResources(@sender() caller: Sender): ResourceRow[] {
    return this.reader.listResources(caller);
  }

  @description('The processes that run tasks')
  @accepts()
  @returns(h.array(EXECUTOR_ROW))
  listExecutors(@sender() caller: Sender): ExecutorRow[] {
    const { executors, reader } = this;
    const isShown = (task: number | null): boolean =>
      task === null || reader.showsLive(task, caller);
    return executors.list().map((row) => (isShown(row.task) ? row : { ...row, task: null }));
  }

  @description('Why a task waits, every reason of it, and how long each stage of it took')
  @accepts(h.integer())
  @returns(EXPLANATION)
  explain(id: number, @sender() caller: Sender): Promise<Explanation> {
    return this.reader.explain(id, caller);
  }
}

function requestOf(
  name: string,
  args: readonly unknown[] | null | undefined,
  caller: Sender,
): SubmitRequest {
  const isStrict =
    caller instanceof ConnectionSender && caller.connection.features.has('strict_validation');
  return { name, args: args ?? [], sender: caller, isStrict };
}

import { actingKeyOf, rightsOf } from '../auth/index.js';
import { READERS } from '../cluster/index.js';
import { coded, stringifyWithSecrets } from '../common/index.js';
import { SecretBox } from '../datastore/index.js';
import { EventRouter } from '../events/index.js';
import {
  accepts,
  description,
  type Filter,
  h,
  provider,
  query,
  queryArray,
  type QueryParams,
  requireRoles,
  returns,
  type Sender,
  sender,
} from '../sdk/index.js';
import {
  CronLine,
  ScheduleRunner,
  ScheduleStore,
  type StoredSchedule,
} from '../schedules/index.js';
import { TaskSeat } from '../tasks/index.js';
import {
  NEW_SCHEDULE,
  type NewSchedule,
  SCHEDULE_PATCH,
  SCHEDULE_ROW,
  type SchedulePatch,
} from '../wire/index.js';

const MAX_SCHEDULES = 1_000;
const MAX_ARGUMENT_BYTES = 65_536;
const MAX_PREVIEW = 100;

type Definition = Pick<
  StoredSchedule,
  | 'name'
  | 'enabled'
  | 'cron'
  | 'timezone'
  | 'task'
  | 'args'
  | 'environment'
  | 'catch_up'
  | 'jitter_s'
  | 'overlap'
>;

type Given = Pick<Definition, 'name' | 'cron' | 'task'> & Partial<Definition>;

const DEFAULTS = {
  enabled: true,
  timezone: 'UTC',
  args: [],
  environment: {},
  catch_up: 'none',
  jitter_s: 0,
  overlap: 'skip',
} as const;

@provider('schedule')
@description(
  'Tasks at times: whoever makes a schedule owns it, and its tasks are submitted as that user',
)
export class ScheduleService {
  constructor(
    private readonly store: ScheduleStore,
    private readonly runner: ScheduleRunner,
    private readonly tasks: TaskSeat,
    private readonly secrets: SecretBox,
    private readonly events: EventRouter,
  ) {}

  @description(
    'Lists schedules; what a task is submitted with is shown to its owner and to administrators',
  )
  @query(SCHEDULE_ROW)
  @requireRoles('reader')
  query(
    filter: Filter | undefined,
    params: QueryParams | undefined,
    @sender() caller: Sender,
  ): unknown {
    const rows = this.store
      .all()
      .map(({ firing: _f, queued: _q, api_key: _k, ...row }) =>
        owns(row, caller) ? row : { ...row, args: null, environment: null },
      );
    return queryArray(rows as never[], filter ?? null, params ?? null);
  }

  @description(
    'Makes a schedule of the caller, who has to have the right to the task now and when it is due',
  )
  @accepts(NEW_SCHEDULE)
  @returns(h.integer())
  @requireRoles('operator')
  async create(given: NewSchedule, @sender() caller: Sender): Promise<number> {
    if (caller.kind !== 'user' || caller.user === null) throw coded('SCHEDULE_NEEDS_USER');
    if (this.store.size >= MAX_SCHEDULES)
      throw coded('TOO_MANY_SCHEDULES', { limit: MAX_SCHEDULES });
    const definition: Definition = { ...DEFAULTS, ...(given as Given) };
    const next = await this.#checked(definition, caller);
    const { id } = await this.store.insert({
      ...{ ...definition, owner: caller.user, api_key: actingKeyOf(caller)?.id ?? null },
      ...{ last: null, next_at: next, firing: null, queued: null },
    });
    this.#changed('create', id);
    return id;
  }

  @description(
    'Changes a schedule; its owner stays, and it is the owner who needs the right to the task',
  )
  @accepts(h.integer(), SCHEDULE_PATCH)
  @returns(null)
  @requireRoles('operator')
  async update(id: number, patch: SchedulePatch, @sender() caller: Sender): Promise<null> {
    const row = this.#own(id, caller);
    const { name, enabled, cron, timezone, task, args, environment, catch_up, jitter_s, overlap } =
      {
        ...row,
        ...patch,
      };
    const definition = {
      ...{ name, enabled, cron, timezone, task, args },
      ...{ environment, catch_up, jitter_s, overlap },
    };
    const next = await this.#checked(definition, caller);
    const isSameTime =
      row.next_at !== null && row.enabled && row.cron === cron && row.timezone === timezone;
    // what is said by a key may do no more than the key, whoever owns the schedule
    const key = actingKeyOf(caller)?.id ?? row.api_key ?? null;
    await this.store.update(id, {
      ...definition,
      api_key: key,
      next_at: enabled && isSameTime ? row.next_at : next,
      ...(!enabled && { queued: null }),
    });
    this.#changed('update', id);
    return null;
  }

  @description('Removes a schedule; a task that it has submitted goes on')
  @accepts(h.integer())
  @returns(null)
  @requireRoles('operator')
  async remove(id: number, @sender() caller: Sender): Promise<null> {
    this.#own(id, caller);
    await this.store.remove(id);
    this.#changed('delete', id);
    return null;
  }

  @description(
    'Submits the task of a schedule now, as its owner, whatever its times; returns the task',
  )
  @accepts(h.integer())
  @returns(h.integer())
  @requireRoles('operator')
  async runNow(id: number, @sender() caller: Sender): Promise<number> {
    const row = this.#own(id, caller);
    const { task: name, args, environment } = row;
    // by the rights of the owner, and by no key that could not submit it itself
    if (actingKeyOf(caller) !== null) {
      await this.tasks.assertSubmittable({ name, args, environment, sender: caller });
    }
    return this.runner.runNow(row);
  }

  @description('The next times of a line of cron in a time zone')
  @accepts(String, String, h.optional(h.integer({ minimum: 1, maximum: MAX_PREVIEW })))
  @returns(h.array(h.datetime()))
  @requireRoles('reader')
  preview(cron: string, timezone: string, count = 5): Date[] {
    return new CronLine(cron, timezone).upcoming(new Date(), count);
  }

  /** The next time. @throws RpcException for what cannot be run at any time */
  async #checked(
    { name, enabled, cron, timezone, task, args, environment }: Definition,
    caller: Sender,
  ): Promise<Date | null> {
    const next = this.runner.nextOf({ cron, timezone });
    if (Buffer.byteLength(stringifyWithSecrets([args, environment])) > MAX_ARGUMENT_BYTES) {
      throw coded('SCHEDULE_TOO_LARGE', { name, limit: MAX_ARGUMENT_BYTES });
    }
    const request = { name: task, args, environment, sender: caller };
    const { args: meant } = await this.tasks.assertSubmittable(request);
    if (this.secrets.seal([meant, environment]) !== null) throw coded('SCHEDULE_SECRET', { task });
    return enabled ? next : null;
  }

  #own(id: number, caller: Sender): StoredSchedule {
    const row = this.store.get(id);
    if (row === undefined) throw coded('SCHEDULE_NOT_FOUND', { id });
    if (!owns(row, caller)) throw coded('INSUFFICIENT_PRIVILEGES');
    return row;
  }

  #changed(operation: 'create' | 'update' | 'delete', id: number): void {
    const args = { operation, ids: [id] };
    this.events.publish('schedule.changed', args, READERS);
    this.runner.changed();
  }
}

function owns({ owner }: Pick<StoredSchedule, 'owner'>, caller: Sender): boolean {
  return rightsOf(caller).isAdministrator || (caller.kind === 'user' && caller.user === owner);
}

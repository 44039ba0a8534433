import type { Subscription, TaskRow } from '../../../client/index.js';
import { errnoName } from '../../../common/portable.js';
import { hasEnded } from '../../../wire/constants.js';
import { printable } from '../../output/index.js';
import type { Shell } from '../shell.js';
import type { BegunTask } from '../shell-io.js';

type Row = Pick<TaskRow, 'id' | 'name' | 'state' | 'error' | 'warnings'>;
const FIELDS: readonly (keyof Row)[] = ['id', 'name', 'state', 'error', 'warnings'];
/** Of more lines than this at a time only the number is told. */
const MAX_LINES = 10;

/** Tells when tasks in the background warn and end, and takes those that ended off the list. */
export class JobNotices {
  #subscription: Subscription | null = null;
  #isAsking = false;
  #isStale = false;
  /** How many warnings of a task have been told. */
  readonly #warned = new Map<number, number>();

  /**
   * @param tell - one line above what is being typed
   * @param onChange - the number of tasks is another
   */
  constructor(
    private readonly shell: Shell,
    private readonly tell: (line: string) => void,
    private readonly onChange: () => void,
  ) {}

  /** A task went to the background; it may have ended already. */
  add(task: BegunTask): void {
    this.shell.jobs.set(task.id, task);
    this.onChange();
    const { client } = this.shell.session;
    // that one has warned is a change of its row and no other state
    this.#subscription ??= client.events.on('task.changed', ({ args }) => this.#onEvent(args), {
      onGap: () => this.#look(),
    });
    this.#subscription.ready.then(
      () => this.#look(),
      () => undefined, // `jobs` asks
    );
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = null;
  }

  #onEvent({ ids }: { readonly ids: readonly number[] }): void {
    if (ids.some((id) => this.shell.jobs.has(id))) this.#look();
  }

  /** One question at a time, however many tasks end meanwhile. */
  #look(): void {
    this.#isStale = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    void this.#ask().finally(() => (this.#isAsking = false));
  }

  async #ask(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const ids = [...this.shell.jobs.keys()];
      if (ids.length === 0) return;
      try {
        const filter = [['id', 'in', ids]];
        const params = { select: FIELDS, sort: 'id' };
        const rows = await this.shell.session.call<readonly unknown[]>('task.query', [
          filter,
          params,
        ]);
        this.#tell(rows.map(rowOf));
      } catch {
        // the connection went: it is looked again when it is back
      }
    }
  }

  #tell(rows: readonly Row[]): void {
    const { jobs } = this.shell;
    const own = rows.filter(({ id }) => jobs.has(id));
    const ended = own.filter(({ state }) => hasEnded(state));
    const lines = own.flatMap((row) => [
      ...this.#newWarnings(row),
      ...(hasEnded(row.state) ? [endText(row)] : []),
    ]);
    for (const { id } of ended) {
      jobs.delete(id);
      this.#warned.delete(id);
    }
    for (const line of lines.slice(0, MAX_LINES)) this.tell(line);
    const rest = lines.length - MAX_LINES;
    if (rest > 0) this.tell(`… and ${rest} more lines about tasks: jobs, task show`);
    if (ended.length > 0) this.onChange();
  }

  #newWarnings({ id, warnings }: Row): readonly string[] {
    const told = this.#warned.get(id) ?? 0;
    this.#warned.set(id, warnings.length);
    return warnings.slice(told).map(({ message }) => `Task ${id}: warning: ${printable(message)}`);
  }
}

/** A selection comes as a list of values. */
function rowOf(row: unknown): Row {
  if (!Array.isArray(row)) return row as Row;
  return Object.fromEntries(FIELDS.map((name, at) => [name, row[at] as unknown])) as unknown as Row;
}

function endText({ id, name, state, error }: Row): string {
  const what = `Task ${id} (${printable(name)})`;
  if (state === 'FINISHED') return `${what} has finished`;
  if (state === 'ABORTED') return `${what} was aborted`;
  const reason = error === null ? '' : `: ${errnoName(error.code)}: ${printable(error.message)}`;
  return `${what} has failed${reason}`;
}

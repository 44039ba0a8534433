import {
  accepts,
  type Claims,
  description,
  Errno,
  type Filter,
  h,
  provider,
  Provider,
  query,
  type QueryParams,
  requireRoles,
  returns,
  Task,
  task,
  VerifyException,
} from 'dispatcher';
import type { RowKind } from './row-kinds.js';

/** What all rows of the plugin are changed under. */
export const ETC = 'etc';

type Row = Readonly<Record<string, unknown>>;
type ServiceClass = new () => Provider | Task;

const ID = h.string({ minLength: 1, maxLength: 64 });

/**
 * The provider of a kind of row and the tasks that change it. Each change is told by the event
 * `<name>.changed`, which has the files that are made of it generated again.
 */
export function rowService(kind: RowKind): readonly ServiceClass[] {
  return [providerOf(kind), createTaskOf(kind), updateTaskOf(kind), deleteTaskOf(kind)];
}

export const changedEvent = ({ name }: RowKind): string => `${name}.changed`;

/** What a row is when it comes out. */
function rowSchema({ properties }: RowKind) {
  return h.object(
    { id: h.string(), ...properties, created_at: h.datetime(), updated_at: h.datetime() },
    { additionalProperties: true },
  );
}

function providerOf(kind: RowKind): ServiceClass {
  @description(`Each ${kind.title}`)
  @provider(kind.name)
  class RowProvider extends Provider {
    @description(`Lists each ${kind.title}`)
    @query(rowSchema(kind))
    query(filter: Filter = [], params: QueryParams = {}): Promise<unknown> {
      return this.datastore.query(kind.collection, filter, params);
    }
  }
  return RowProvider;
}

// Rows are changed by administrators alone: what is in them lands in the files of the system.

function createTaskOf(kind: RowKind): ServiceClass {
  @description(`Adds a ${kind.title}`)
  @task(`${kind.name}.create`, { executor: 'inline' })
  @requireRoles('admin')
  @accepts(h.object(kind.properties))
  @returns(String)
  class CreateRow extends Task {
    override describe(row: Row): string {
      return `Adding ${textOf(row, kind)}`;
    }

    override async verify(row: Row): Promise<Claims> {
      await assertFree(this, kind, { row, id: null });
      return [ETC];
    }

    override async run(row: Row): Promise<string> {
      const id = String(await this.datastore.insert(kind.collection, row));
      tell(this, kind, { operation: 'create', ids: [id] });
      return id;
    }
  }
  return CreateRow;
}

function updateTaskOf(kind: RowKind): ServiceClass {
  @description(`Replaces a ${kind.title}`)
  @task(`${kind.name}.update`, { executor: 'inline' })
  @requireRoles('admin')
  @accepts(ID, h.object(kind.properties))
  class UpdateRow extends Task {
    override describe(_: string, row: Row): string {
      return `Changing ${textOf(row, kind)}`;
    }

    override async verify(id: string, row: Row): Promise<Claims> {
      await assertThere(this, kind, id);
      await assertFree(this, kind, { row, id });
      return [ETC];
    }

    override async run(id: string, row: Row): Promise<void> {
      await this.datastore.replace(kind.collection, id, row);
      tell(this, kind, { operation: 'update', ids: [id] });
    }
  }
  return UpdateRow;
}

function deleteTaskOf(kind: RowKind): ServiceClass {
  @description(`Removes a ${kind.title}`)
  @task(`${kind.name}.delete`, { executor: 'inline' })
  @requireRoles('admin')
  @accepts(ID)
  class DeleteRow extends Task {
    override describe(id: string): string {
      return `Removing a ${kind.title} (${id})`;
    }

    override async verify(id: string): Promise<Claims> {
      await assertThere(this, kind, id);
      return [ETC];
    }

    override async run(id: string): Promise<void> {
      await this.datastore.delete(kind.collection, id);
      tell(this, kind, { operation: 'delete', ids: [id] });
    }
  }
  return DeleteRow;
}

function tell(
  { dispatcher }: Task,
  kind: RowKind,
  change: { readonly operation: string; readonly ids: readonly string[] },
): void {
  dispatcher.emitEvent(changedEvent(kind), change);
}

function textOf(row: Row, { title, unique }: RowKind): string {
  return `a ${title}: ${String(row[unique])}`;
}

async function assertThere({ datastore }: Task, kind: RowKind, id: string): Promise<void> {
  if ((await datastore.getById(kind.collection, id)) !== null) return;
  throw new VerifyException(Errno.ENOENT, `There is no ${kind.title} with the id ${id}`, { id });
}

async function assertFree(
  { datastore }: Task,
  { collection, unique, title }: RowKind,
  { row, id }: { readonly row: Row; readonly id: string | null },
): Promise<void> {
  const value = row[unique];
  const rows = await datastore.query(collection, [[unique, '=', value]] as Filter);
  if (rows.every((other) => other.id === id)) return;
  throw new VerifyException(Errno.EEXIST, `There is a ${title} ${String(value)} already`, {
    [unique]: value,
  });
}

import { basename, dirname, join } from 'node:path';
import { h } from '../../../wire/builder/index.js';
import { accepts, description } from '../../../sdk/decorators/index.js';
import {
  CliPlugin,
  command,
  CommandError,
  type CommandContext,
  completes,
  Namespace,
  namespace,
} from '../../sdk/index.js';

const FAILED = 1;
const ABORTED = 6;
const LIMIT = 100;
const TASK = 'files.backup';
/** `-20260131T020000Z`, what `run` and `repeat` put behind a name. */
const STAMP = /-\d{8}T\d{6}Z/;
const ARCHIVE_ENDING = /\.tar(?:\.gz)?$/;

/** What `files.backup` takes. */
interface BackupArguments {
  readonly source: string;
  readonly destination: string;
  readonly method?: string | null;
}

interface BackupRow {
  readonly id: number;
  readonly state: string;
  readonly args: readonly [BackupArguments];
  readonly created_at: { readonly $date: string };
  readonly result: { readonly bytes?: number; readonly digest?: string } | null;
}

@description('Backups of files and folders of the machine of the server')
@namespace('backup')
class BackupNamespace extends Namespace {
  @description('Copies or archives a file or folder, verifies it, and shows its digest')
  @command()
  @accepts(
    h.object({
      source: h.string({ description: 'Absolute path of a file or folder' }),
      destination: h.string({
        description: 'The folder that the backup is put into; it has to be there',
      }),
      method: h.enumOf(['copy', 'archive'], { default: 'copy' }),
    }),
  )
  run({ source, destination, method }: BackupArguments, context: CommandContext) {
    const name = `${basename(source) || 'root'}${stamp()}`;
    const file = method === 'archive' ? `${name}.tar.gz` : name;
    return backedUp(
      { source, destination: join(destination, file), method: method ?? null },
      context,
    );
  }

  @description('Lists backups, the newest first, as far as the server remembers their tasks')
  @command()
  @accepts(h.object({ limit: h.integer({ minimum: 1, maximum: LIMIT, default: 20 }) }))
  async list({ limit }: { readonly limit: number }, { client }: CommandContext) {
    const rows = await client.call<readonly BackupRow[]>('task.query', [
      [['name', '=', TASK]],
      { sort: '-id', limit },
    ]);
    return rows.map(({ id, state, args: [{ source, destination }], created_at, result }) => ({
      id,
      state,
      at: created_at,
      source,
      destination,
      bytes: result?.bytes ?? null,
    }));
  }

  @description(
    'Does a backup again, beside the one before: the last that was done, or that of a task',
  )
  @command()
  @accepts(h.object({ id: h.optional(h.integer({ description: 'As list shows it' })) }))
  async repeat({ id }: { readonly id?: number | undefined }, context: CommandContext) {
    const filter = [
      ['name', '=', TASK],
      id === undefined ? ['state', '=', 'FINISHED'] : ['id', '=', id],
    ];
    const [row] = await context.client.call<readonly BackupRow[]>('task.query', [
      filter,
      { sort: '-id', limit: 1 },
    ]);
    if (row === undefined) {
      const what = id === undefined ? 'No backup has been done yet' : `Task ${id} is no backup`;
      throw new CommandError(FAILED, `${what}: backup run SOURCE DESTINATION`);
    }
    const [before] = row.args;
    return backedUp({ ...before, destination: anew(before.destination) }, context);
  }

  @completes('id') async ids(prefix: string) {
    const rows = await this.client.call<readonly BackupRow[]>('task.query', [
      [['name', '=', TASK]],
      { sort: '-id', limit: LIMIT },
    ]);
    return rows
      .filter(({ id }) => String(id).startsWith(prefix))
      .map(({ id, args: [{ source }] }) => ({ value: String(id), description: source }));
  }
}

/** ^C stops the backup: what it has made so far is removed. */
async function backedUp(
  wanted: BackupArguments,
  { client, progress, signal }: CommandContext,
): Promise<object> {
  const id = await client.tasks.submit(TASK, [wanted], { signal });
  try {
    for await (const update of client.tasks.follow(id, { signal })) {
      if (update.kind === 'progress') progress(update.percentage, update.message ?? undefined);
      if (update.kind !== 'ended') continue;
      const { state, error, result } = update.row;
      if (state === 'ABORTED') throw new CommandError(ABORTED, `Task ${id} was aborted`);
      if (error !== null) throw new CommandError(FAILED, `Task ${id}: ${error.message}`);
      const { digest, bytes, files } = result as Readonly<Record<string, unknown>>;
      return { task: id, destination: wanted.destination, bytes, files, digest };
    }
  } catch (error) {
    if (signal.aborted) await client.tasks.abort(id);
    throw error;
  }
  throw new CommandError(FAILED, `Nobody knows what became of task ${id}`);
}

/** The same name with the time of now. */
function anew(destination: string): string {
  const [ending = ''] = ARCHIVE_ENDING.exec(destination) ?? [];
  const name = basename(destination, ending).replace(STAMP, '');
  return join(dirname(destination), `${name}${stamp()}${ending}`);
}

const stamp = (): string => `-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;

export const BACKUP = new CliPlugin({
  description: 'Backups of files: run, list, repeat',
  namespaces: [BackupNamespace],
});

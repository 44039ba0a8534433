import {
  description,
  eventSource,
  InjectSettings,
  type Settings,
  WatchingSource,
} from 'dispatcher';
import { FilesSettings } from './files.settings.js';
import type { FileChange } from './schemas/file-change.schema.js';
import { FileWatches } from './watching/file-watches.js';
import type { WatchListener } from './watching/path-watch.js';
import { watchesOf } from './watching/watch-settings.js';

export const FILE_CHANGED = 'file.changed';

/** How soon a path that appears, or a change of the setting, is noticed. */
const INTERVAL_MS = 1000;

@description(
  'Published when a file or folder at or below a path of the setting "files.watch" was created, modified, removed or renamed',
)
@eventSource(FILE_CHANGED)
export class FileChangedSource extends WatchingSource implements WatchListener {
  /** What was complained of: a line in the log for each thing that is wrong, not one each second. */
  readonly #complaints = new Set<string>();

  constructor(
    private readonly watches: FileWatches,
    @InjectSettings(FilesSettings) private readonly settings: Settings<FilesSettings>,
  ) {
    super();
  }

  protected override async watch(signal: AbortSignal): Promise<void> {
    let configured: FilesSettings['watch'] | null = null;
    try {
      for (;;) {
        const { watch } = this.settings.value;
        if (watch !== configured) await this.watches.configure(watchesOf(watch), this);
        configured = watch;
        await this.watches.check();
        await this.pause(INTERVAL_MS, signal);
      }
    } finally {
      await this.watches.close();
    }
  }

  changed(changes: readonly FileChange[]): void {
    for (const change of changes) this.emit(FILE_CHANGED, change);
  }

  unwatched(path: string, error: Error): void {
    this.#complain(`${path}: ${error.message}`, { path, error });
  }

  #complain(what: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#complaints.has(what)) return;
    this.#complaints.add(what);
    this.logger.warn('A path cannot be watched for changes of files', fields);
  }
}

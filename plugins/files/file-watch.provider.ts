import {
  description,
  type Filter,
  InjectSettings,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
  type Settings,
} from 'dispatcher';
import { FilesSettings } from './files.settings.js';
import { FileWatch } from './schemas/file-watch.schema.js';
import { FileWatches } from './watching/file-watches.js';
import { watchesOf } from './watching/watch-settings.js';

@description('Shows which files are watched')
@provider('file.watch')
export class FileWatchProvider extends Provider {
  constructor(
    private readonly watches: FileWatches,
    @InjectSettings(FilesSettings) private readonly settings: Settings<FilesSettings>,
  ) {
    super();
  }

  @description('Lists the paths of the setting "files.watch" and how each is watched')
  @query(FileWatch)
  query(filter: Filter, params: QueryParams) {
    const watches = watchesOf(this.settings.value.watch);
    return queryArray(this.watches.rows(watches), filter, params);
  }
}

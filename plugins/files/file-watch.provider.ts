import {
  description,
  type Filter,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
} from 'dispatcher';
import { FileWatch } from './schemas/file-watch.schema.js';
import { FileWatches } from './watching/file-watches.js';
import { parseWatchSettings, WATCH_KEY } from './watching/watch-settings.js';

@description('Shows which files are watched')
@provider('file.watch')
export class FileWatchProvider extends Provider {
  constructor(private readonly watches: FileWatches) {
    super();
  }

  @description('Lists the paths of the configuration key "files.watch" and how each is watched')
  @query(FileWatch)
  async query(filter: Filter, params: QueryParams) {
    const settings = parseWatchSettings(await this.configstore.get(WATCH_KEY));
    return queryArray(this.watches.rows(settings.watches), filter, params);
  }
}

import {
  description,
  type Filter,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
} from 'dispatcher';
import { CapacityReader } from './readers/capacity.reader.js';
import { readMounts } from './readers/mounts.reader.js';
import { StorageMount } from './schemas/storage-mount.schema.js';

@description('Reads the mounted file systems')
@provider('storage.mount')
export class StorageMountProvider extends Provider {
  constructor(private readonly capacities: CapacityReader) {
    super();
  }

  @description('Lists mounted file systems in the order they were mounted')
  @query(StorageMount)
  async query(filter: Filter, params: QueryParams) {
    return queryArray(await readMounts(this.capacities), filter, params);
  }
}

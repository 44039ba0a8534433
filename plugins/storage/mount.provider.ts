import {
  accepts,
  description,
  type Filter,
  h,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
  returns,
} from 'dispatcher';
import { CapacityReader } from './readers/capacity.reader.js';
import { readMounts } from './readers/mounts.reader.js';
import { realPathOf } from './resources/real-path.js';
import { StorageResources } from './resources/storage-resources.js';
import { StorageMount } from './schemas/storage-mount.schema.js';

@description('Reads the mounted file systems')
@provider('storage.mount')
export class StorageMountProvider extends Provider {
  constructor(
    private readonly capacities: CapacityReader,
    private readonly resources: StorageResources,
  ) {
    super();
  }

  @description('Lists mounted file systems in the order they were mounted')
  @query(StorageMount)
  async query(filter: Filter, params: QueryParams) {
    return queryArray(await readMounts(this.capacities), filter, params);
  }

  @description(
    'The resource of the file system that a path lies on, whether the path exists or not: for tasks that work on the whole of it. Null on what the kernel makes up, such as /proc',
  )
  @accepts(h.string({ pattern: '^/[^\\u0000]*$', maxLength: 4096 }))
  @returns(h.nullable(String))
  async resourceOfPath(path: string): Promise<string | null> {
    const mounted = await this.resources.mounted();
    return mounted.placeOf(await realPathOf(path)).fileSystem?.resource ?? null;
  }
}

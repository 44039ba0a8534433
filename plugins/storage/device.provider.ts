import {
  description,
  type Filter,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
} from 'dispatcher';
import { readDevices } from './readers/devices.reader.js';
import { StorageDevice } from './schemas/storage-device.schema.js';

@description('Reads the block devices')
@provider('storage.device')
export class StorageDeviceProvider extends Provider {
  @description('Lists disks, partitions and what is built on them; empty drives are left out')
  @query(StorageDevice)
  async query(filter: Filter, params: QueryParams) {
    return queryArray(await readDevices(), filter, params);
  }
}

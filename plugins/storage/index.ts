import { Plugin } from 'dispatcher';
import { StorageDeviceProvider } from './device.provider.js';
import { StorageMountProvider } from './mount.provider.js';
import { CapacityReader } from './readers/capacity.reader.js';
import { StorageDevice } from './schemas/storage-device.schema.js';
import { StorageMount } from './schemas/storage-mount.schema.js';

/**
 * Block devices and mounted file systems. It only reads. Also an example of a provider that must
 * answer in time although what it asks may not: see {@link CapacityReader}.
 */
@Plugin({
  metadata: { type: 'storage' },
  schemas: [StorageDevice, StorageMount],
  providers: [StorageDeviceProvider, StorageMountProvider, CapacityReader],
})
export default class StoragePlugin {}

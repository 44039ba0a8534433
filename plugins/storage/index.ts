import { Dispatcher, Plugin } from 'dispatcher';
import { StorageDeviceProvider } from './device.provider.js';
import { MOUNT_CHANGED, MountChangedSource } from './mount-changed.source.js';
import { StorageMountProvider } from './mount.provider.js';
import { CapacityReader } from './readers/capacity.reader.js';
import { StorageDevice } from './schemas/storage-device.schema.js';
import { StorageMount, StorageMountChange } from './schemas/storage-mount.schema.js';

/**
 * Block devices and mounted file systems. It only reads. Also an example of a provider that must
 * answer in time although what it asks may not: see {@link CapacityReader}.
 */
@Plugin({
  metadata: { type: 'storage' },
  schemas: [StorageDevice, StorageMount, StorageMountChange],
  providers: [StorageDeviceProvider, StorageMountProvider, MountChangedSource, CapacityReader],
})
export default class StoragePlugin {
  constructor(private readonly dispatcher: Dispatcher) {}

  init(): void {
    this.dispatcher.registerEventType(MOUNT_CHANGED, {
      description: 'A mount came, went, or was given other options or another place',
      schema: StorageMountChange,
    });
  }
}

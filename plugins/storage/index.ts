import { Dispatcher, Plugin, type PluginContext } from 'dispatcher';
import { StorageDeviceProvider } from './device.provider.js';
import { MOUNT_CHANGED, MountChangedSource } from './mount-changed.source.js';
import { StorageMountProvider } from './mount.provider.js';
import { StoragePathProvider } from './path.provider.js';
import { CapacityReader } from './readers/capacity.reader.js';
import { PathUses } from './resources/path-uses.js';
import { ResourceKeeper } from './resources/resource-keeper.js';
import { StorageResources } from './resources/storage-resources.js';
import { StorageDevice } from './schemas/storage-device.schema.js';
import { StorageMount, StorageMountChange } from './schemas/storage-mount.schema.js';

/**
 * Block devices and mounted file systems, to be looked at and, as resources, to be claimed by tasks.
 * It only reads. Also an example of a provider that must
 * answer in time although what it asks may not: see {@link CapacityReader}.
 */
@Plugin({
  metadata: { type: 'storage' },
  schemas: [StorageDevice, StorageMount, StorageMountChange],
  providers: [
    StorageDeviceProvider,
    StorageMountProvider,
    StoragePathProvider,
    MountChangedSource,
    CapacityReader,
    StorageResources,
    ResourceKeeper,
    PathUses,
  ],
})
export default class StoragePlugin {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly resources: StorageResources,
    private readonly paths: StoragePathProvider,
  ) {}

  async init({ signal, logger }: PluginContext): Promise<void> {
    this.dispatcher.registerEventType(MOUNT_CHANGED, {
      description: 'A mount came, went, or was given other options or another place',
      schema: StorageMountChange,
    });
    this.dispatcher.registerEventHandler('task.updated', (task) => this.paths.ended(task));
    await this.paths.restore();
    await this.resources.refresh();
    this.resources.follow(signal).catch((error: unknown) => {
      if (!signal.aborted) logger.error('Resources no longer follow the devices', { error });
    });
  }
}

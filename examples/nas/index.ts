import { Datastore, Dispatcher, h, Plugin } from 'dispatcher';
import { CreateShareTask } from './create-share.task.js';
import { FullShareSource } from './full-share.source.js';
import { MeasureAllTask } from './measure-all.task.js';
import { MeasureShareTask } from './measure-share.task.js';
import { NasSettings } from './nas.settings.js';
import { RemoveShareTask } from './remove-share.task.js';
import { ShareFolders } from './share.folders.js';
import { ShareProvider } from './share.provider.js';
import {
  ALL_SHARES,
  BEFORE_CREATE,
  NewShare,
  shareResource,
  type ShareRow,
  SHARES,
} from './share.schema.js';

@Plugin({
  version: '1.0.0',
  settings: [NasSettings],
  schemas: [NewShare],
  providers: [
    ShareFolders,
    ShareProvider,
    CreateShareTask,
    RemoveShareTask,
    MeasureShareTask,
    MeasureAllTask,
    FullShareSource,
  ],
})
export default class NasPlugin {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly datastore: Datastore,
  ) {}

  async init(): Promise<void> {
    await this.datastore.requireCollection(SHARES);
    await this.dispatcher.registerResource(ALL_SHARES);
    for (const { id } of await this.datastore.query<ShareRow>(SHARES)) {
      await this.dispatcher.registerResource(shareResource(id), { parents: [ALL_SHARES] });
    }
    this.dispatcher.registerHook(BEFORE_CREATE);
    this.dispatcher.registerEventType('nas.share.changed', {
      description: 'Shares were made, changed or removed',
      schema: h.object({
        operation: h.enumOf(['create', 'update', 'delete']),
        ids: h.array(h.string()),
      }),
    });
  }
}

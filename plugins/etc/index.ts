import { Datastore, Dispatcher, h, Plugin } from 'dispatcher';
import { DnsSettings, EtcSettings, SnmpSettings, SshdSettings } from './etc.settings.js';
import { GenerateTask } from './generation/generate.task.js';
import { GroupResources } from './generation/group-resources.js';
import { RollbackTask } from './generation/rollback.task.js';
import { ROW_KINDS } from './rows/row-kinds.js';
import { changedEvent, ETC, rowService } from './rows/row-service.js';

/**
 * The data of the files that dispatcher-etcd ships, and the tasks that have files generated. Also an
 * example of providers and tasks that are made from a description of a row.
 */
@Plugin({
  metadata: { type: 'etc' },
  settings: [EtcSettings, DnsSettings, SshdSettings, SnmpSettings],
  providers: [GroupResources, GenerateTask, RollbackTask, ...ROW_KINDS.flatMap(rowService)],
})
export default class EtcPlugin {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly datastore: Datastore,
  ) {}

  async init(): Promise<void> {
    await this.dispatcher.registerResource(ETC);
    for (const kind of ROW_KINDS) {
      await this.datastore.requireCollection(kind.collection, { unique: [kind.unique] });
      this.dispatcher.registerEventType(changedEvent(kind), {
        description: `Rows of ${kind.collection} were made, changed or removed`,
        schema: h.object({
          operation: h.enumOf(['create', 'update', 'delete']),
          ids: h.array(h.string()),
        }),
      });
    }
  }
}

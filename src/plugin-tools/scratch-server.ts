import { LocalEventFanout } from '../cluster/local/index.js';
import { EventRouter, EventSourceTable, EventTypeTable, systemClock } from '../events/index.js';
import {
  DebugHookTable,
  HookTable,
  PluginHost,
  type PluginHostOptions,
} from '../plugin-host/index.js';
import {
  CallPipeline,
  exploreService,
  FailureReporter,
  ServiceOwner,
  ServiceRegistry,
} from '../rpc/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { classMetadata, ConfigStore, Datastore, type Logger } from '../sdk/index.js';
import { BUILT_IN_SERVICES } from '../services/built-in-services.js';
import { NOTHING_SET, SettingsRegistry } from '../settings/index.js';
import { ResourceGraph, TaskHandlerTable, TaskHookTable } from '../tasks/index.js';
import { memoryConfigStore, memoryDatastore } from '../testing/index.js';

const JOURNAL = { events: 100, bytes: 1_000_000 };
const NO_TASKS = 'No task runs while a plugin is only checked';

/** All that plugins register with, and nothing behind it: no port, no disk, no loop, no task. */
export class ScratchServer {
  readonly services = new ServiceRegistry();
  readonly schemas = new SchemaRegistry();
  readonly eventTypes = new EventTypeTable();
  readonly eventSources = new EventSourceTable();
  readonly tasks = new TaskHandlerTable();
  readonly resources = new ResourceGraph();
  readonly hooks = new HookTable();

  /** @param options - which plugins are looked for, and how long they may take */
  async host(options: PluginHostOptions, logger: Logger): Promise<PluginHost> {
    const events = new EventRouter({
      logger,
      now: () => new Date(),
      fanout: new LocalEventFanout('check', JOURNAL),
      typeOf: (name) => this.eventTypes.get(name),
    });
    const stores = { datastore: memoryDatastore(), configstore: await memoryConfigStore() };
    this.#takeBuiltInNames();
    return new PluginHost(
      {
        services: this.services,
        schemas: this.schemas,
        eventTypes: this.eventTypes,
        eventSources: this.eventSources,
        tasks: this.tasks,
        resources: this.resources,
        hooks: this.hooks,
        events,
        taskSubmitter: {
          submit: () => Promise.reject(new Error(NO_TASKS)),
          resultOf: () => Promise.reject(new Error(NO_TASKS)),
        },
        taskHooks: new TaskHookTable(),
        debugHooks: new DebugHookTable(),
        stores,
        pipeline: new CallPipeline(
          this.services,
          new FailureReporter(logger, { exposesStacks: false }),
          { resultValidation: 'enforce', serviceWaitMs: 1_000, maxCollectedItems: 10_000 },
        ),
        settings: new SettingsRegistry({
          store: NOTHING_SET,
          logger,
        }),
        clock: systemClock,
        random: Math.random,
        createLogger: () => logger,
      },
      {
        ...options,
        runsEventSources: false,
        extraProviders: [
          { provide: Datastore, useValue: stores.datastore },
          { provide: ConfigStore, useValue: stores.configstore },
        ],
      },
    );
  }

  /** Names that no plugin can have. The methods are there too; called, they fail. */
  #takeBuiltInNames(): void {
    const owner = new ServiceOwner('the server');
    for (const type of BUILT_IN_SERVICES) {
      const { role } = classMetadata(type);
      if (role?.kind !== 'provider') continue;
      const instance = Object.create(type.prototype as object) as object;
      this.services.register(exploreService({ service: role.name, instance, owner }, this.schemas));
    }
  }
}

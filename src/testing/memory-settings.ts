import { ConfigStore, type Settings, settingsMetadata, type SettingsType } from '../sdk/index.js';
import { DocumentConfigStore } from '../datastore/index.js';
import { LiveSettings, NOTHING_SET, SettingsRegistry } from '../settings/index.js';
import { RecordingLogger } from './recording-logger.js';

const OWNER = 'test';

/** Settings of a test, for a provider or an event source that is made by hand. */
export interface MemorySettings<T extends object> extends Settings<T> {
  /**
   * Changes some of them, as a whole.
   *
   * @throws RpcException EINVAL with every error in `extra`
   */
  set(values: Partial<T>): void;
}

/**
 * The settings of a class with these values; the rest has its defaults.
 *
 * @throws Error when the class cannot be one of settings; RpcException EINVAL when a value does not fit
 * @example
 * const settings = await memorySettings(MailSettings, { port: 587 });
 * const provider = new MailProvider(settings);
 * settings.set({ port: 25 });
 */
export async function memorySettings<T extends object>(
  type: new () => T,
  values: Partial<T> = {},
): Promise<MemorySettings<T>> {
  const registry = registryOver(NOTHING_SET);
  const opened = await registry.open(type, OWNER);
  const { live, form } = opened;
  const set = (change: Partial<T>): void => {
    const entries = Object.entries(change).map(
      ([name, value]) => [form.keyOf(name), value] as const,
    );
    registry.assertDeclared(entries.map(([key]) => key));
    registry.committed(registry.check(new Map(entries)));
  };
  registry.declare(opened);
  set(values);
  return Object.assign(live as LiveSettings<T>, { set });
}

/** What classes have injected for their settings, over a store; changes in it count while it lasts. */
export async function settingsProviders(
  types: readonly SettingsType[],
  configstore: ConfigStore,
): Promise<{ provide: symbol; useValue: Settings<object> }[]> {
  const isOwn = configstore instanceof DocumentConfigStore;
  const registry = registryOver(
    isOwn
      ? configstore
      : {
          get: (key, unset) => configstore.get(key, unset),
          exclusively: (work) => NOTHING_SET.exclusively(work),
        },
  );
  if (isOwn) configstore.guardedBy(registry);
  const providers = [];
  for (const type of types) {
    const settings = await registry.open(type, OWNER);
    registry.declare(settings);
    providers.push({ provide: settingsMetadata(type).token, useValue: settings.live });
  }
  return providers;
}

function registryOver(
  store: ConstructorParameters<typeof SettingsRegistry>[0]['store'],
): SettingsRegistry {
  return new SettingsRegistry({
    store,
    logger: new RecordingLogger(),
  });
}

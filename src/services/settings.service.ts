import { DocumentConfigStore } from '../datastore/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { Inject } from '@nestjs/common';
import {
  accepts,
  description,
  h,
  type Logger,
  provider,
  requireRoles,
  returns,
  type Sender,
  sender,
} from '../sdk/index.js';
import { SettingsRegistry } from '../settings/index.js';
import { SETTING_ROW, type SettingRow } from '../wire/index.js';
import { withPasswordsFor } from './with-passwords.js';

const MAX_KEY = 255;
const MAX_KEYS = 1_000;
const KEY = h.string({ maxLength: MAX_KEY });

@provider('settings')
@description('What people change while the system runs, as the plugins declare it')
export class SettingsService {
  constructor(
    private readonly registry: SettingsRegistry,
    private readonly store: DocumentConfigStore,
    @Inject(SERVER_LOGGER) private readonly logger: Logger,
  ) {}

  @description(
    'All settings: what each is for, what it may be, its default, who may see and change it',
  )
  @accepts()
  @returns(h.array(SETTING_ROW))
  @requireRoles('reader')
  describe(): SettingRow[] {
    return this.registry.describe();
  }

  @description(
    'The values by key, defaults included; with a prefix those at or below it. Passwords only for services',
  )
  @accepts(h.optional(h.nullable(KEY)))
  @returns(Object)
  @requireRoles('reader')
  get(prefix: string | null | undefined, @sender() caller: Sender): Record<string, unknown> {
    const only = prefix ?? undefined;
    if (caller.kind !== 'service') return this.registry.get(only);
    return withPasswordsFor(caller, this.registry.getWithPasswords(only));
  }

  @description('Changes the values of keys, all of them or none; they hold when it returns')
  @accepts(Object)
  @returns(null)
  @requireRoles('admin')
  async set(values: Record<string, unknown>, @sender() caller: Sender): Promise<null> {
    const keys = Object.keys(values);
    this.registry.assertDeclared(keys);
    await this.store.change(new Map(Object.entries(values)));
    this.#note('Settings were changed', keys, caller);
    return null;
  }

  @description('Gives keys their defaults back, all of them or none')
  @accepts(h.array(KEY, { maxItems: MAX_KEYS }))
  @returns(null)
  @requireRoles('admin')
  async reset(keys: string[], @sender() caller: Sender): Promise<null> {
    this.registry.assertDeclared(keys);
    await this.store.change(new Map(keys.map((key) => [key, undefined])));
    this.#note('Settings were reset', keys, caller);
    return null;
  }

  /** Never the values. */
  #note(message: string, keys: readonly string[], { user, address }: Sender): void {
    if (keys.length > 0) this.logger.info(message, { keys, user, address });
  }
}

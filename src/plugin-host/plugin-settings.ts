import type { Provider as NestProvider } from '@nestjs/common';
import type { SettingsType } from '../sdk/index.js';
import type { OpenSettings, SettingsRegistry } from '../settings/index.js';
import type { UndoStack } from './undo-stack.js';

/** The settings of one generation of a plugin: opened when it is made, declared when it takes charge. */
export class PluginSettings {
  readonly #opened: OpenSettings[] = [];

  constructor(
    private readonly registry: SettingsRegistry,
    private readonly plugin: string,
  ) {}

  /** @throws (rejects with) Error for a class that cannot be one, or whose key another plugin declares */
  async open(types: readonly SettingsType[]): Promise<void> {
    for (const type of types) this.#opened.push(await this.registry.open(type, this.plugin));
  }

  /** What the plugin's classes have injected. */
  get providers(): NestProvider[] {
    return this.#opened.map(({ form, live }) => ({ provide: form.token, useValue: live }));
  }

  /** The present values by prefix. */
  values(): Record<string, object> {
    return Object.fromEntries(
      this.#opened.map(({ form, live }) => [form.prefix, { ...live.value }]),
    );
  }

  /** @throws Error when another plugin declared a key meanwhile */
  declare(undoStack: UndoStack): void {
    for (const settings of this.#opened) {
      this.registry.declare(settings);
      undoStack.add('settings', settings.form.prefix, () => this.registry.release(settings));
    }
  }

  close(): void {
    for (const settings of this.#opened.splice(0)) this.registry.close(settings);
  }
}

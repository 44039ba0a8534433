import { coded, Errno, RpcException, type ValidationError } from '../common/index.js';
import { closest, didYouMean } from '../config/index.js';
import type { ConfigGuard } from '../datastore/index.js';
import type { Logger, SettingsType } from '../sdk/index.js';
import type { SettingRow } from '../wire/index.js';
import { OpenSettings } from './open-settings.js';
import { allValues, settingRows, shownValues } from './setting-rows.js';
import { ownCopy, SettingsForm, valueFault } from './settings-form.js';
import type { SettingsStore } from './settings-store.js';

export interface SettingsPorts {
  readonly store: SettingsStore;
  readonly logger: Logger;
}

/**
 * The settings that plugins declare: what they are, what they may be, what they are now. It guards the
 * store of the configuration: whoever changes a declared key there, the change is judged here as a whole.
 *
 * A generation of a plugin opens its settings when it is made and declares them when it takes charge.
 * Between the two, the former generation's say what fits; both follow what is set.
 */
export class SettingsRegistry implements ConfigGuard {
  readonly #opened = new Set<OpenSettings>();
  /** Who says what fits, by key. */
  readonly #declared = new Map<string, OpenSettings>();
  /** Owners whose next generation is awaited: until it comes, the settings of the last one stay. */
  readonly #reserved = new Map<string, Set<OpenSettings>>();

  constructor(private readonly ports: SettingsPorts) {}

  /**
   * Reads the values of a class. To be closed, see {@link close}.
   *
   * @throws (rejects with) Error for a class that is none of settings, whose defaults do not fit or
   *   that has a key which somebody else declared
   */
  async open(type: SettingsType, owner: string): Promise<OpenSettings> {
    const { store } = this.ports;
    const form = new SettingsForm(type);
    const settings = new OpenSettings(form, owner);
    this.#assertFree(settings);
    await store.exclusively(async () => {
      await settings.read(store);
      this.#opened.add(settings);
    });
    return settings;
  }

  /**
   * From now on these are what the keys mean.
   *
   * @throws Error naming the key and both plugins when it is declared already
   */
  declare(settings: OpenSettings): void {
    this.#assertFree(settings);
    this.#assertOnce(settings);
    this.#reserved.get(settings.owner)?.clear();
    for (const [key, present] of this.#declared) {
      if (present.owner === settings.owner && present.isReleased) this.#declared.delete(key);
    }
    for (const key of settings.keys) this.#declared.set(key, settings);
    for (const problem of settings.problems())
      this.ports.logger.warn(problem, { plugin: settings.owner });
  }

  /** The keys are nobody's any more, or, while the owner is reserved, wait for its next generation. */
  release(settings: OpenSettings): void {
    settings.isReleased = true;
    const reserved = this.#reserved.get(settings.owner);
    if (reserved !== undefined) reserved.add(settings);
    else this.#forget(settings);
  }

  /** A generation of the owner ends and another is about to begin. */
  reserve(owner: string): void {
    this.#reserved.set(owner, this.#reserved.get(owner) ?? new Set());
  }

  unreserve(owner: string): void {
    const waiting = this.#reserved.get(owner) ?? [];
    this.#reserved.delete(owner);
    for (const settings of waiting) this.#forget(settings);
  }

  /** Values are followed no longer; loops over their changes end. */
  close(settings: OpenSettings): void {
    this.#opened.delete(settings);
    settings.live.close();
  }

  isDeclared(key: string): boolean {
    return this.#declared.has(key);
  }

  /** What of the stored values of a plugin does not fit, a sentence each. */
  problemsOf(owner: string): string[] {
    return this.#parts()
      .filter((part) => part.owner === owner)
      .flatMap((part) => part.problems());
  }

  /** All settings in the order of their keys, without values. */
  describe(): SettingRow[] {
    return this.#parts()
      .flatMap(settingRows)
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * The values by key, defaults included and passwords left out; with a prefix those at or below it.
   *
   * @throws RpcException ENOENT when there is none
   */
  get(prefix?: string): Record<string, unknown> {
    return this.#values(shownValues, prefix);
  }

  /** As {@link get}, passwords included: for services alone. @throws RpcException ENOENT */
  getWithPasswords(prefix?: string): Record<string, unknown> {
    return this.#values(allValues, prefix);
  }

  #values(
    valuesOf: (part: OpenSettings) => [string, unknown][],
    prefix: string | undefined,
  ): Record<string, unknown> {
    const all = this.#parts()
      .flatMap(valuesOf)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (prefix === undefined || prefix === '') return Object.fromEntries(all);
    const isMeant = (key: string): boolean => key === prefix || key.startsWith(`${prefix}.`);
    if (![...this.#declared.keys()].some(isMeant)) throw this.#unknown(prefix);
    return Object.fromEntries(all.filter(([key]) => isMeant(key)));
  }

  /** @throws RpcException ENOENT for the first key that nobody declares, with what was probably meant */
  assertDeclared(keys: readonly string[]): void {
    const unknown = keys.find((key) => !this.#declared.has(key));
    if (unknown !== undefined) throw this.#unknown(unknown);
  }

  concerns(key: string): boolean {
    return this.#declared.has(key);
  }

  /**
   * Judges a change of several keys as a whole; undefined stands for: back to the default.
   *
   * @throws RpcException EINVAL with every error in `extra`, paths beginning with the key
   */
  check(change: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
    const errors: ValidationError[] = [];
    const kept = new Map<string, unknown>(change);
    for (const settings of new Set([...change.keys()].map((key) => this.#declared.get(key)))) {
      if (settings === undefined) continue; // not declared: anybody's
      const own = new Map([...change].filter(([key]) => this.#declared.get(key) === settings));
      const faults = faultsOf(own);
      const values = faults.length > 0 ? null : settings.judge(copies(own));
      if (values === null) errors.push(...faults);
      else if ('errors' in values) errors.push(...values.errors);
      else for (const [key, value] of values.kept) kept.set(key, value);
    }
    const [first] = errors;
    if (first === undefined) return kept;
    const key = String(first.path[0]);
    const place = first.path
      .slice(1)
      .map((step) => `[${JSON.stringify(step)}]`)
      .join('');
    throw coded('SETTINGS_INVALID', { key: `${key}${place}`, reason: first.message }, errors);
  }

  /** What {@link check} returned is on disk: it holds from here on. */
  committed(kept: ReadonlyMap<string, unknown>): void {
    for (const settings of this.#opened) settings.take(kept);
  }

  *kept(): Iterable<string> {
    for (const settings of this.#opened) yield* settings.keys;
  }

  #parts(): OpenSettings[] {
    return [...new Set(this.#declared.values())];
  }

  #forget(settings: OpenSettings): void {
    for (const key of settings.keys) {
      if (this.#declared.get(key) === settings) this.#declared.delete(key);
    }
  }

  #assertFree(settings: OpenSettings): void {
    for (const key of settings.keys) {
      const present = this.#declared.get(key);
      // what the same plugin has is its former generation's, which goes
      if (present === undefined || present.owner === settings.owner) continue;
      throw new RpcException(
        Errno.EEXIST,
        `Setting ${key} is declared by plugin ${present.owner} already: plugin ${settings.owner} cannot declare it, too; give its class another prefix`,
      );
    }
  }

  #assertOnce(settings: OpenSettings): void {
    for (const key of settings.keys) {
      const present = this.#declared.get(key);
      if (present === undefined || present.isReleased) continue;
      throw new RpcException(
        Errno.EEXIST,
        `Setting ${key} is declared twice by plugin ${settings.owner}: by ${present.form.type.name} and ${settings.form.type.name}`,
      );
    }
  }

  #unknown(key: string): RpcException {
    const keys = [...this.#declared.keys()];
    const known = [...keys, ...this.#parts().map(({ form }) => form.prefix)];
    const hint = didYouMean(closest(key.slice(0, 256), known));
    return coded('SETTING_UNKNOWN', { key: key.slice(0, 256), hint });
  }
}

function faultsOf(change: ReadonlyMap<string, unknown>): ValidationError[] {
  return [...change].flatMap(([key, value]) => {
    const fault = value === undefined ? null : valueFault(value);
    return fault === null ? [] : [{ ...fault, path: [key] }];
  });
}

function copies(change: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map(
    Array.from(change, ([key, value]) => [key, value === undefined ? undefined : ownCopy(value)]),
  );
}

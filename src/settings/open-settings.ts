import { type ValidationError } from '../common/index.js';
import { openSealed } from '../datastore/index.js';
import { LiveSettings } from './live-settings.js';
import type { Checked, SettingsForm } from './settings-form.js';
import type { SettingsStore } from './settings-store.js';

const UNSET = Symbol('not set');

type Values = Readonly<Record<string, unknown>>;

/** A change that fits, as it is to be stored, by key; or what is wrong with it, paths beginning with the key. */
export type Judgement =
  { readonly kept: ReadonlyMap<string, unknown> } | { readonly errors: readonly ValidationError[] };

/**
 * The settings of one class of one generation of a plugin: what is stored of them, which of that fits,
 * and the values that follow from it. What does not fit stays stored, and its default is used.
 */
export class OpenSettings {
  readonly live: LiveSettings;
  readonly keys: readonly string[];
  /** Its plugin was unloaded. */
  isReleased = false;
  /** What is set and could be read, by property. */
  readonly #stored = new Map<string, unknown>();
  /** Why what is stored is not used, by property. */
  readonly #unfit = new Map<string, string>();
  readonly #unreadable = new Map<string, string>();
  #values: Values;

  constructor(
    readonly form: SettingsForm,
    readonly owner: string,
  ) {
    this.keys = [...form.schemas.keys()].map((property) => form.keyOf(property));
    this.live = new LiveSettings(form.defaults.object);
    this.#values = form.defaults.values;
  }

  get values(): Values {
    return this.#values;
  }

  isSet(property: string): boolean {
    return this.#stored.has(property) || this.#unreadable.has(property);
  }

  unfitness(property: string): string | null {
    return this.#unreadable.get(property) ?? this.#unfit.get(property) ?? null;
  }

  async read(store: SettingsStore): Promise<void> {
    for (const property of this.form.schemas.keys()) {
      const stored = await store.get(this.form.keyOf(property), UNSET);
      if (stored !== UNSET) this.#keep(property, stored);
    }
    this.#apply();
  }

  /** Takes over what of the change concerns it. */
  take(kept: ReadonlyMap<string, unknown>): void {
    let isConcerned = false;
    for (const property of this.form.schemas.keys()) {
      const key = this.form.keyOf(property);
      if (!kept.has(key)) continue;
      isConcerned = true;
      this.#stored.delete(property);
      this.#unreadable.delete(property);
      const stored = kept.get(key);
      if (stored !== undefined) this.#keep(property, stored);
    }
    if (isConcerned) this.#apply();
  }

  /** Judges the values that there would be after a change. */
  judge(change: ReadonlyMap<string, unknown>): Judgement {
    const { form } = this;
    const next = new Map([...this.#stored].filter(([property]) => !this.#unfit.has(property)));
    for (const property of form.schemas.keys()) {
      const key = form.keyOf(property);
      if (!change.has(key)) continue;
      const value = change.get(key);
      if (value === undefined) next.delete(property);
      else next.set(property, value);
    }
    const checked = form.check(Object.fromEntries(next));
    if ('errors' in checked) return { errors: checked.errors.map((error) => this.#told(error)) };
    const kept = new Map<string, unknown>();
    for (const property of form.schemas.keys()) {
      const key = form.keyOf(property);
      if (!change.has(key)) continue;
      const isReset = change.get(key) === undefined;
      kept.set(key, isReset ? undefined : checked.values[property]);
    }
    return { kept };
  }

  /** What of the stored values is not used, a sentence each. */
  problems(): string[] {
    return [...this.#unreadable, ...this.#unfit].map(
      ([property, reason]) =>
        `The stored value of setting ${this.form.keyOf(property)} does not fit: ${reason}; its default is used. Set it anew, or reset it`,
    );
  }

  #keep(property: string, stored: unknown): void {
    try {
      this.#stored.set(property, openSealed(stored));
    } catch {
      this.#unreadable.set(property, 'it was sealed with another key');
    }
  }

  /** Leaves out what does not fit, until the rest does. */
  #apply(): void {
    this.#unfit.clear();
    const fitting = new Map(this.#stored);
    let checked = this.form.check(Object.fromEntries(fitting));
    while ('errors' in checked) {
      const unfit = this.#unfitAmong(checked, fitting);
      for (const [property, reason] of unfit) {
        // null is what older stores have for: not set
        if (fitting.get(property) !== null) this.#unfit.set(property, reason);
        else this.#stored.delete(property);
        fitting.delete(property);
      }
      checked = this.form.check(Object.fromEntries(fitting));
    }
    this.#values = checked.values;
    this.live.update(checked.object);
  }

  /** The properties that the errors name, or all when they name none that could be left out. */
  #unfitAmong(
    { errors }: Extract<Checked, { errors: unknown }>,
    fitting: ReadonlyMap<string, unknown>,
  ): Map<string, string> {
    const named = new Map<string, string>();
    for (const { path, message } of errors) {
      const [property, ...rest] = path.map(String);
      if (property === undefined || !fitting.has(property) || named.has(property)) continue;
      named.set(property, rest.length === 0 ? message : `[${rest.join('][')}] ${message}`);
    }
    if (named.size > 0) return named;
    const reason = errors[0]?.message ?? 'it does not go with the others';
    return new Map(Array.from(fitting.keys(), (property) => [property, reason]));
  }

  #told({ path: [property, ...rest], ...error }: ValidationError): ValidationError {
    const key = property === undefined ? this.form.prefix : this.form.keyOf(String(property));
    return { ...error, path: [key, ...rest] };
  }
}

import { encodeExtended, holdsPassword } from '../common/index.js';
import type { SettingRow } from '../wire/index.js';
import type { OpenSettings } from './open-settings.js';

/** What there is to know of each, but for its value. */
export function settingRows(settings: OpenSettings): SettingRow[] {
  const { form, owner } = settings;
  return Array.from(form.schemas, ([property, { default: initial, ...schema }]) => {
    const isPassword = namesPassword(schema);
    const { description } = schema;
    return {
      key: form.keyOf(property),
      plugin: owner,
      group: form.description,
      description: typeof description === 'string' ? description : null,
      schema,
      default: isPassword ? null : encodeExtended(initial ?? null),
      secret: isPassword,
      is_set: settings.isSet(property),
      problem: settings.unfitness(property),
      read_by: 'reader',
      changed_by: 'admin',
    };
  });
}

/** The present values. */
export function allValues({ form, values }: OpenSettings): [string, unknown][] {
  return Array.from(form.schemas.keys(), (property) => [
    form.keyOf(property),
    values[property] ?? null,
  ]);
}

/** The present values, but for passwords and what holds one. */
export function shownValues(settings: OpenSettings): [string, unknown][] {
  const hidden = new Set(
    Array.from(settings.form.schemas)
      .filter(([, schema]) => namesPassword(schema))
      .map(([property]) => settings.form.keyOf(property)),
  );
  return allValues(settings).filter(([key, value]) => !hidden.has(key) && !holdsPassword(value));
}

/** Whether a password has a place in it, however deep. */
function namesPassword(schema: object): boolean {
  return JSON.stringify(schema).includes('"$password"');
}

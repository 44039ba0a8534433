import { encodeExtended } from '../common/index.js';
import type { SettingRow } from '../wire/index.js';
import type { OpenSettings } from './open-settings.js';
import { isSecret } from './settings-form.js';

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

/** The present values, but for passwords and what holds one. */
export function shownValues({ form, values }: OpenSettings): [string, unknown][] {
  return Array.from(form.schemas, ([property, schema]): [string, unknown, boolean] => {
    const value = values[property];
    return [form.keyOf(property), value ?? null, namesPassword(schema) || isSecret(value)];
  })
    .filter(([, , isHidden]) => !isHidden)
    .map(([key, value]) => [key, value]);
}

/** Whether a password has a place in it, however deep. */
function namesPassword(schema: object): boolean {
  return JSON.stringify(schema).includes('"$password"');
}

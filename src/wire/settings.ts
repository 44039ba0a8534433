import { h } from './builder/index.js';
import type { Data } from './data.js';

/** A setting, as `settings.describe` shows it: everything but its value. */
export const SETTING_ROW = h.object({
  key: h.string(),
  plugin: h.string({ description: 'Who declares it' }),
  group: h.nullable(h.string({ description: 'What those with the same prefix are about' })),
  description: h.nullable(String),
  schema: Object,
  default: h.any(),
  secret: h.boolean({ description: 'Can be set and is never shown' }),
  is_set: h.boolean({ description: 'False: the default is used' }),
  problem: h.nullable(h.string({ description: 'Why what is stored is not used, but the default' })),
  read_by: h.string({ description: 'The role that it takes to see the value' }),
  changed_by: h.string({ description: 'The role that it takes to change it' }),
});
export type SettingRow = Data<typeof SETTING_ROW>;

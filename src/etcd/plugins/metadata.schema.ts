/** JSON Schema of what may be declared of a file, by `X.meta.json` and by the decorators. */
const TEXT = { type: 'string', minLength: 1, maxLength: 4_096 } as const;
const ARGUMENT = { type: 'string', maxLength: 4_096 } as const;
const ARGV = { type: 'array', items: ARGUMENT, minItems: 1, maxItems: 256 } as const;
const NAMES = { type: 'array', items: TEXT, maxItems: 1_000 } as const;
const MODE = {
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^[0-7]{3,5}$' },
  ],
};
const OWNER = { anyOf: [TEXT, { type: 'integer', minimum: 0, maximum: 4_294_967_294 }] } as const;
const CALL = { type: 'array', prefixItems: [TEXT], minItems: 1, maxItems: 64 } as const;
const DATA_CALL = object({ call: CALL }, ['call']);
const CONFIG = object({ config: TEXT }, ['config']);

const ACTION = {
  anyOf: [
    object(
      {
        unit: { ...TEXT, pattern: '^[A-Za-z0-9:_.@-]+$' },
        action: { enum: ['reload', 'restart', 'reload-or-restart', 'try-restart'] },
      },
      ['unit', 'action'],
    ),
    object(
      { signal: { ...TEXT, pattern: '^SIG[A-Z0-9]+$' }, pidfile: { ...TEXT, pattern: '^/' } },
      ['signal', 'pidfile'],
    ),
    object({ command: ARGV }, ['command']),
    DATA_CALL,
  ],
} as const;

export const METADATA_PROPERTIES = {
  path: { ...TEXT, pattern: '^/' },
  description: TEXT,
  deprecated: TEXT,
  mode: MODE,
  owner: OWNER,
  group: OWNER,
  directory: object({ mode: MODE, owner: OWNER, group: OWNER }, []),
  groups: NAMES,
  after: NAMES,
  checkpoint: { anyOf: [TEXT, { type: 'null' }] },
  data: {
    type: 'object',
    propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
    additionalProperties: {
      anyOf: [DATA_CALL, object({ query: { ...CALL, maxItems: 3 } }, ['query']), CONFIG],
    },
  },
  watch: {
    anyOf: [
      { const: false },
      {
        type: 'array',
        maxItems: 1_000,
        items: { type: 'string', pattern: '^(collection|config|event):.+$' },
      },
    ],
  },
  validate: { anyOf: [ARGV, { type: 'array', items: ARGV, maxItems: 16 }] },
  validateIn: { enum: ['private', 'beside'] },
  reload: { anyOf: [ACTION, { type: 'array', items: ACTION, maxItems: 16 }] },
  reloadOn: { enum: ['contents', 'any'] },
  sensitive: { enum: [true, false, 'accepted'] },
  symlink: { enum: ['refuse', 'replace', 'follow'] },
  writes: { enum: ['atomic', 'in-place'] },
  attributes: { enum: ['keep', 'drop'] },
  drift: { enum: ['report', 'restore', 'ignore'] },
  onOrphan: { enum: ['keep', 'remove'] },
  enabled: { anyOf: [{ type: 'boolean' }, CONFIG] },
  comment: {
    anyOf: [
      { type: 'string', minLength: 1, maxLength: 8, pattern: '^[^\\n\\r]+$' },
      { type: 'null' },
    ],
  },
  override: { type: 'boolean' },
  template: TEXT,
} as const;

export const METADATA_SCHEMA = object(METADATA_PROPERTIES, []);

const DEPENDENCY = {
  type: 'string',
  pattern: '^(file|plugin|group):.+$',
  maxLength: 4_096,
} as const;

export const GROUP_SCHEMA = object(
  {
    description: TEXT,
    dependencies: { type: 'array', items: DEPENDENCY, maxItems: 10_000 },
    atomic: { type: 'boolean' },
  },
  ['dependencies'],
);

function object<P extends object>(properties: P, required: readonly string[]) {
  return { type: 'object', properties, required, additionalProperties: false } as const;
}

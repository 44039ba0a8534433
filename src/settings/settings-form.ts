import {
  decodeExtended,
  Errno,
  messageOf,
  stringifyExtended,
  stringifyWithSecrets,
  type ValidationError,
} from '../common/index.js';
import { type ArgumentsValidator, type JsonSchema, SchemaRegistry } from '../schema/index.js';
import { settingsMetadata, type SettingsType } from '../sdk/index.js';
import { settingsObject } from './live-settings.js';

/** Bytes of JSON that one value may have. */
const MAX_VALUE_BYTES = 65_536;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

type Values = Readonly<Record<string, unknown>>;

/** The values of a class, as they are used, or what is wrong: paths begin with the property. */
export type Checked =
  | { readonly object: object; readonly values: Values }
  | { readonly errors: readonly ValidationError[] };

/** A class of settings: which there are, what fits, what holds where nothing was set. */
export class SettingsForm {
  readonly prefix: string;
  readonly token: symbol;
  /** Of each property what it may be; the description stands in it. */
  readonly schemas: ReadonlyMap<string, JsonSchema>;
  readonly description: string | null;
  readonly defaults: { readonly object: object; readonly values: Values };
  readonly #validator: ArgumentsValidator;

  /** @throws Error naming the class and what of it cannot be a setting, or whose default does not fit */
  constructor(readonly type: SettingsType) {
    const { prefix, token } = settingsMetadata(type);
    this.prefix = prefix;
    this.token = token;
    // of its own: what a class refers to must not meet that of the generation that is at work
    const schemas = new SchemaRegistry();
    const { properties, description } = schemas.toJsonSchema(type);
    this.schemas = new Map(Object.entries(properties as Record<string, JsonSchema>));
    this.description = typeof description === 'string' ? description : null;
    const odd = [...this.schemas.keys()].find((name) => !NAME.test(name));
    if (odd !== undefined) {
      throw new Error(`Settings ${prefix}: property ${odd} cannot be part of a key`);
    }
    this.#validator = schemas.compileArguments([type]);
    const checked = this.check({});
    if ('errors' in checked) {
      const [first] = checked.errors;
      const key = [prefix, ...(first?.path ?? [])].join('.');
      throw new Error(
        `Setting ${key}: the default of class ${type.name} does not fit: ${first?.message ?? ''}`,
      );
    }
    this.defaults = checked;
  }

  keyOf(property: string): string {
    return `${this.prefix}.${property}`;
  }

  /** Judges the values as a whole; what is not among them has its default. Never changes them. */
  check(values: Values): Checked {
    const args: unknown[] = [{ ...values }];
    const errors = this.#validator.validate(args);
    if (errors !== null) {
      return { errors: errors.map((error) => ({ ...error, path: error.path.slice(1) })) };
    }
    const complete = args[0] as Values;
    return { object: settingsObject(this.type, complete), values: complete };
  }
}

/**
 * The value as it is kept: it shares nothing with whoever gave it.
 *
 * @throws RangeError or TypeError for what has no JSON form
 */
export function ownCopy(value: unknown): unknown {
  return decodeExtended(JSON.parse(stringifyWithSecrets(value)));
}

/** Why a value is none that can be kept at all; null when it can. */
export function valueFault(value: unknown): ValidationError | null {
  try {
    const bytes = Buffer.byteLength(stringifyExtended(value));
    if (bytes <= MAX_VALUE_BYTES) return null;
    const message = `has ${bytes} bytes as JSON: ${MAX_VALUE_BYTES} is the most`;
    return { path: [], message, code: Errno.EINVAL };
  } catch (error) {
    return { path: [], message: `has no JSON form: ${messageOf(error)}`, code: Errno.EINVAL };
  }
}

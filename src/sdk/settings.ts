import {
  type AnyClass,
  classMetadata,
  type SettingsMetadata,
  updateClassMetadata,
} from './metadata.js';
import { Inject } from './nest-decorators.js';

/**
 * The present values of a class of settings, for whoever has it injected: in providers, event sources
 * and tasks, wherever those run.
 *
 * @example
 * constructor(@InjectSettings(MailSettings) private readonly settings: Settings<MailSettings>) { super(); }
 * async run(signal: AbortSignal) {
 *   for await (const { server } of this.settings.changes(signal)) await this.connect(server);
 * }
 */
export abstract class Settings<T extends object> {
  /** As they are now: defaults where nothing was set. A change makes another object; this one is frozen. */
  abstract get value(): Readonly<T>;

  /**
   * The values after each change that is made from this call on. Who is slow misses what came between
   * and sees the latest. Ends when the signal fires or the plugin's code is let go.
   */
  abstract changes(signal?: AbortSignal): AsyncIterable<Readonly<T>>;
}

const PREFIX = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const MAX_PREFIX = 128;

/**
 * Makes a class one of settings: each property with a class-validator decorator is one, under the
 * prefix, a dot and its name; what the class gives it is its default. Named in `@Plugin({ settings })`,
 * it is read and changed by the service `settings`. Defaults have to fit, and so has every change as a
 * whole. A property of the type `Password` can be set and is shown to nobody.
 *
 * @throws Error for a prefix that is not words of letters, digits, `_` and `-`, joined by dots
 * @example
 * @settings('mail')
 * @description('How mail leaves the machine')
 * export class MailSettings {
 *   @description('Where it is handed in') @IsFQDN() server = 'localhost';
 *   @IsInt() @Min(1) @Max(65_535) port = 25;
 *   @IsOptional() @IsInstance(Password) password?: Password | null;
 * }
 */
export function settings(prefix: string) {
  if (!PREFIX.test(prefix) || prefix.length > MAX_PREFIX) {
    throw new Error(
      `@settings(${JSON.stringify(prefix.slice(0, MAX_PREFIX))}): a prefix is words of letters, digits, '_' and '-', joined by dots, ${MAX_PREFIX} characters at most`,
    );
  }
  return (type: new () => object): void => {
    updateClassMetadata(type, { settings: { prefix, token: Symbol(`settings ${prefix}`) } });
  };
}

/**
 * What `@settings` said of a class.
 *
 * @throws Error when it has no such decorator
 */
export function settingsMetadata(type: AnyClass): SettingsMetadata {
  const { settings: metadata } = classMetadata(type);
  if (metadata !== undefined) return metadata;
  throw new Error(`Class ${type.name} is no class of settings: it has no decorator @settings`);
}

/**
 * Injects the {@link Settings} of a class that the plugin names in `@Plugin({ settings })`, into a
 * parameter of a constructor or a property.
 *
 * @throws Error when the class has no decorator `@settings`
 */
export function InjectSettings(type: AnyClass): PropertyDecorator & ParameterDecorator {
  return Inject(settingsMetadata(type).token);
}

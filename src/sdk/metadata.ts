import 'reflect-metadata';
import type { SchemaArg } from '../schema/index.js';

/** What the decorator of a class of settings said. */
export interface SettingsMetadata {
  /** What the keys begin with: `files` for `files.watch`. */
  readonly prefix: string;
  /** What stands for its `Settings` in Nest's injection. */
  readonly token: symbol;
}

/**
 * The one place that knows how decorators leave their marks: a record per method and one per class,
 * stored as own metadata so that nothing is inherited by accident. The plugin host reads them back.
 */
const METHOD = Symbol.for('dispatcher:method');
const CLASS = Symbol.for('dispatcher:class');
const DESCRIPTION = Symbol.for('dispatcher:description');

/** What the decorators of one method said. */
export interface MethodMetadata {
  readonly description?: string;
  readonly accepts?: readonly SchemaArg[];
  readonly returns?: SchemaArg;
  readonly query?: SchemaArg;
  readonly generator?: true;
  readonly unauthenticated?: true;
  readonly private?: true;
  readonly roles?: readonly string[];
  readonly deprecated?: string;
  readonly params?: readonly string[];
  /** Positions of decorated parameters in the method's signature. */
  readonly senderIndex?: number;
  readonly signalIndex?: number;
}

/** What the decorators of one class said: at most one of provider, task and event source. */
export interface ClassMetadata {
  readonly role?:
    | { readonly kind: 'provider'; readonly name: string }
    | { readonly kind: 'task'; readonly name: string; readonly options: TaskOptions }
    | { readonly kind: 'event-source'; readonly name: string };
  readonly description?: string;
  readonly accepts?: readonly SchemaArg[];
  readonly returns?: SchemaArg;
  readonly private?: true;
  readonly roles?: readonly string[];
  readonly deprecated?: string;
  readonly plugin?: PluginMetadata;
  readonly settings?: SettingsMetadata;
}

/** How a task wants to be executed (tasks contract, section 4). */
export interface TaskOptions {
  readonly executor?: 'isolated' | 'inline';
  readonly timeoutMs?: number;
  readonly retry?: { readonly attempts: number; readonly backoffMs: number };
  readonly onRestart?: 'fail' | 'requeue';
  readonly abortable?: boolean;
  /** In a cluster: runs at any node that has the class, or where it was submitted; `any`. */
  readonly node?: 'any' | 'submitted';
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The part of `@Plugin` that is not Nest's. */
export interface PluginMetadata {
  readonly depends: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly schemas: readonly AnyClass[];
  readonly providers: readonly AnyClass[];
  readonly version?: string;
  readonly host?: string;
  readonly options?: AnyClass;
  readonly settings: readonly SettingsType[];
}

/** A class with the decorator `@settings`, which is made without arguments. */
export type SettingsType = new () => object;

/** Any class, for places that only carry it from a decorator to the host. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a constructor's parameters are contravariant: nothing narrower accepts every class
export type AnyClass = abstract new (...args: any[]) => object;

export function methodMetadata(prototype: object, key: string): MethodMetadata | undefined {
  return Reflect.getOwnMetadata(METHOD, prototype, key) as MethodMetadata | undefined;
}

export function updateMethodMetadata(
  prototype: object,
  key: string | symbol,
  patch: Partial<MethodMetadata>,
): void {
  const before = Reflect.getOwnMetadata(METHOD, prototype, key) as MethodMetadata | undefined;
  Reflect.defineMetadata(METHOD, { ...before, ...patch }, prototype, key);
}

export function classMetadata(type: object): ClassMetadata {
  return (Reflect.getOwnMetadata(CLASS, type) as ClassMetadata | undefined) ?? {};
}

export function updateClassMetadata(type: object, patch: Partial<ClassMetadata>): void {
  Reflect.defineMetadata(CLASS, { ...classMetadata(type), ...patch }, type);
}

/** The text of `@description` on a property of a schema class. */
export function setPropertyDescription(
  prototype: object,
  key: string | symbol,
  text: string,
): void {
  Reflect.defineMetadata(DESCRIPTION, text, prototype, key);
}

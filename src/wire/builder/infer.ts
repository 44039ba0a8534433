import type { JsonSchema } from './json-schema.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is what "not known to TypeScript, checked at run time" means here; it must be assignable both ways */

/**
 * A schema built by `h`: a plain JSON Schema object that remembers its TypeScript type. The keys with
 * a tilde exist for the compiler alone; no object ever has them.
 */
export interface Schema<T> extends JsonSchema {
  readonly '~admits': T;
}

/** Made by `h.optional`: an argument or property that may be left out. */
export interface OptionalSchema<T> extends Schema<T | undefined> {
  readonly '~optional': true;
}

/** A class with class-validator decorators, or one of Date, Uint8Array, Buffer, Password. */
export type SchemaClass = abstract new (...args: any[]) => object;

/**
 * Whatever can stand for a schema: a class with class-validator decorators, `String`, `Number`,
 * `Boolean`, `Object`, `Array`, `null`, a JSON Schema literal, or anything built by `h`. Literals
 * may hold any of these wherever JSON Schema wants a schema.
 *
 * @example
 * const argument: SchemaArg = h.array(User);
 */
export type SchemaArg =
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | ObjectConstructor
  | ArrayConstructor
  | SchemaClass
  | JsonSchema
  | null;

/**
 * The TypeScript type of the values a schema admits; `any` where TypeScript cannot know (literals,
 * `h.any()`, `h.ref()` without a type).
 *
 * @example
 * type Point = Infer<typeof pointSchema>; // { x: number; y: number }
 */
export type Infer<S> = S extends null
  ? null
  : S extends Schema<infer T>
    ? T
    : S extends StringConstructor
      ? string
      : S extends NumberConstructor
        ? number
        : S extends BooleanConstructor
          ? boolean
          : S extends ArrayConstructor
            ? any[]
            : S extends ObjectConstructor
              ? Record<string, any>
              : S extends abstract new (...args: any[]) => infer I
                ? I
                : any;

export type InferEach<S extends readonly SchemaArg[]> = {
  -readonly [K in keyof S]: Infer<S[K]>;
};

export type InferAll<S extends readonly SchemaArg[]> = S extends readonly [
  infer Head extends SchemaArg,
  ...infer Tail extends readonly SchemaArg[],
]
  ? Infer<Head> & InferAll<Tail>
  : unknown;

type OptionalKeys<P> = {
  [K in keyof P]: P[K] extends { readonly '~optional': true } ? K : never;
}[keyof P];

type Flat<T> = { [K in keyof T]: T[K] };

/** The object type of a map of properties; those made by `h.optional` have optional keys. */
export type InferObject<P extends Readonly<Record<string, SchemaArg>>> = Flat<
  { -readonly [K in Exclude<keyof P, OptionalKeys<P>>]: Infer<P[K]> } & {
    -readonly [K in OptionalKeys<P>]?: Exclude<Infer<P[K]>, undefined>;
  }
>;

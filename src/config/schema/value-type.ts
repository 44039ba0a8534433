import type { OptionalSectionSchema } from './value-kinds.js';

/** `websocket-port` → `websocketPort`, for types. */
type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The TypeScript type of what a schema of this folder describes, with defaults filled in. */
export type ValueOf<S> = S extends { readonly enum: readonly (infer Option)[] }
  ? Option
  : S extends { readonly type: 'integer' }
    ? number
    : S extends { readonly type: 'boolean' }
      ? boolean
      : S extends { readonly type: 'string' }
        ? string
        : S extends { readonly type: 'array'; readonly items: infer Item }
          ? readonly ValueOf<Item>[]
          : S extends { readonly additionalProperties: { readonly type: 'object' } }
            ? Readonly<Record<string, object>>
            : S extends { readonly additionalProperties: { readonly type: 'string' } }
              ? Readonly<Record<string, string>>
              : S extends { readonly properties: infer P }
                ? SectionOf<P>
                : never;

/** A key without a default that is not in the file is null. */
type SectionOf<P> = {
  readonly [K in keyof P & string as CamelCase<K>]: P[K] extends OptionalSectionSchema
    ? ValueOf<P[K]> | null
    : P[K] extends { readonly default: unknown } | { readonly properties: unknown }
      ? ValueOf<P[K]>
      : ValueOf<P[K]> | null;
};

/** `toCamelCase('websocket-port') // 'websocketPort'` */
export function toCamelCase(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

import type { Infer, SchemaArg } from '../../schema/index.js';
import { updateClassMetadata, updateMethodMetadata } from '../metadata.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- parameters are contravariant: only `any` lets every method and class in */
type AnyMethod = (...args: any[]) => any;
type TaskClass = abstract new (...args: any[]) => { run(...args: any[]): unknown };

type IsAny<T> = 0 extends 1 & T ? true : false;

type Leaf = Date | Uint8Array | AnyMethod;

/** The same type with read-only arrays allowed everywhere: a result is only read. */
type Readable<T> =
  IsAny<T> extends true
    ? T
    : T extends readonly (infer E)[]
      ? readonly Readable<E>[]
      : T extends Leaf
        ? T
        : T extends object
          ? { readonly [K in keyof T]: Readable<T[K]> }
          : T;

/** A method that returns nothing answers null. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- it is what such a method returns
type Answer<R> = R extends undefined ? null : [R] extends [void] ? null : R;

/** What a method with this schema may return; for an array also anything that gives its elements. */
type Returns<S, R> =
  unknown extends Infer<S>
    ? true
    : [Answer<R>] extends [Readable<Infer<S>> | ElementsOf<Infer<S>>]
      ? true
      : IsLooseObject<S, R>;

type ElementsOf<T> = T extends readonly (infer E)[]
  ? AsyncIterable<Readable<E>> | (Iterable<Readable<E>> & object)
  : never;

/** `Object` admits instances of any class, which have no index signature. */
type IsLooseObject<S, R> = S extends ObjectConstructor
  ? [R] extends [object]
    ? true
    : false
  : false;

type Fits<S, M extends AnyMethod> =
  Returns<S, Awaited<ReturnType<M>>> extends true
    ? unknown
    : { readonly 'returns()': 'the method returns values that the schema does not admit' };

/** What {@link returns} returns: for a method, or for a task class. */
export interface ReturnsDecorator<S extends SchemaArg> {
  <M extends AnyMethod>(
    prototype: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M> & Fits<S, M>,
  ): void;
  <C extends TaskClass>(type: C & Fits<S, InstanceType<C>['run']>): void;
}

/**
 * The schema of a method's or task's result; of a `@generator()` method, that of the whole array. A
 * result that does not fit is the server's fault and reaches the caller as EFAULT.
 *
 * @throws at registration, not here: RpcException EINVAL for an invalid schema
 * @example
 * @returns(h.nullable(User))
 * getByName(name: string): Promise<User | null> { ... }
 */
export function returns<const S extends SchemaArg>(schema: S): ReturnsDecorator<S> {
  return (target: object, key?: string | symbol): void => {
    if (key === undefined) updateClassMetadata(target, { returns: schema });
    else updateMethodMetadata(target, key, { returns: schema });
  };
}

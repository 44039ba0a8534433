import type { Infer, SchemaArg } from '../../schema/index.js';
import { updateClassMetadata, updateMethodMetadata } from '../metadata.js';
import type { Sender } from '../sender.js';
import type { InjectedParameter } from './injected-parameter.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- parameters are contravariant: only `any` lets every method and class in */
type AnyMethod = (...args: any[]) => any;
type TaskClass = abstract new (...args: any[]) => { run(...args: any[]): unknown };

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Filled by `@sender()` and `@signal()`, or by whoever calls, so no argument of the call. */
type IsInjected<T> =
  IsAny<T> extends true
    ? false
    : [NonNullable<T>] extends [Sender | AbortSignal | InjectedParameter]
      ? true
      : false;

/** What a schema says TypeScript cannot check (`unknown`), and `Object` only says "not a scalar". */
type Admits<S, P> =
  unknown extends Infer<S>
    ? true
    : S extends ObjectConstructor
      ? Extract<P, object> extends never
        ? false
        : true
      : [Infer<S>] extends [P]
        ? true
        : false;

type Position<Before extends readonly unknown[]> = `argument ${Before['length']}`;

/** The first disagreement between schemas and parameters, in words; `null` when there is none. */
type Disagreement<
  S extends readonly unknown[],
  P extends readonly unknown[],
  Before extends readonly unknown[] = [],
> = S extends readonly [infer Schema, ...infer Schemas]
  ? P extends readonly []
    ? `${Position<Before>} has a schema but the method has no parameter for it`
    : P extends readonly [(infer Parameter)?, ...infer Parameters]
      ? Admits<Schema, P[0] extends undefined ? Parameter : P[0]> extends true
        ? Disagreement<Schemas, Parameters, [...Before, unknown]>
        : `${Position<Before>}: the schema admits values that the parameter does not`
      : null
  : Uncovered<P, Before>;

type Uncovered<
  P extends readonly unknown[],
  Before extends readonly unknown[],
> = P extends readonly []
  ? null
  : number extends P['length'] // a rest parameter
    ? null
    : P extends readonly [(infer Parameter)?, ...infer Parameters]
      ? IsInjected<Parameter> extends true
        ? Uncovered<Parameters, [...Before, unknown]>
        : `${Position<Before>}: the parameter has no schema`
      : null;

/** Nothing, or a demand that no method meets and that says what is wrong. */
type Fits<Problem> = [Problem] extends [null] ? unknown : { readonly 'accepts()': Problem };

/** `run` gets exactly the arguments; the other methods of a task may take fewer. */
type TaskFits<S extends readonly unknown[], C extends TaskClass> = Fits<
  Disagreement<S, Parameters<InstanceType<C>['run']>>
>;

/** What {@link accepts} returns: for a method, or for a task class. */
export interface AcceptsDecorator<S extends readonly SchemaArg[]> {
  <M extends AnyMethod>(
    prototype: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M> & Fits<Disagreement<S, Parameters<M>>>,
  ): void;
  <C extends TaskClass>(type: C & TaskFits<S, C>): void;
}

/**
 * The schemas of a method's arguments, one for each, or of the arguments a task is submitted with.
 * They are checked before the method runs; TypeScript objects where the parameters do not fit.
 * Parameters after them are those of `@sender()` and `@signal()`.
 *
 * @throws at registration, not here: RpcException EINVAL for an invalid schema
 * @example
 * @accepts(String, h.optional(h.integer({ minimum: 0 })))
 * find(name: string, limit?: number) { ... }
 */
export function accepts<const S extends readonly SchemaArg[]>(...schemas: S): AcceptsDecorator<S> {
  return (target: object, key?: string | symbol): void => {
    if (key === undefined) updateClassMetadata(target, { accepts: schemas });
    else updateMethodMetadata(target, key, { accepts: schemas });
  };
}

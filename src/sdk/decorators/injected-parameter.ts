declare const INJECTED: unique symbol;

/**
 * What is handed to a method beside the arguments of a call, and so has no schema: a program that runs
 * methods of its own extends it with what it gives them. Exists for the compiler alone.
 */
export interface InjectedParameter {
  readonly [INJECTED]: true;
}

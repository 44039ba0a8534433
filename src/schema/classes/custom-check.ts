import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import type { ValidationArguments, ValidatorConstraintInterface } from 'class-validator';
import { isAsynchronous } from './class-metadata.js';

/** A rule that only code can check: the decorator's own function, run by the compiled validator. */
export interface CustomCheck {
  readonly name: string;
  /** It looks at the elements of a list, and is told of the object that owns the list. */
  readonly isForEach?: boolean;
  /** With `@IsOptional({ each: true })`. */
  readonly mayBeNull?: boolean;
  /** Keywords beside it that it stands in for: they tell clients, it says the author's text. */
  readonly replaces?: ReadonlySet<string>;
  test(value: unknown, parent: unknown): boolean;
  message(value: unknown, parent: unknown): string;
}

type ConstraintClass = new () => ValidatorConstraintInterface;

/**
 * The check behind a class-validator decorator. Not through class-validator's own container: that
 * keeps every constraint it ever made, and with it the code of unloaded plugins.
 *
 * @throws Error when the check is asynchronous: arguments are checked before the call starts
 */
export function customCheck(decorator: ValidationMetadata): CustomCheck {
  const { constraintCls, propertyName: property } = decorator;
  const constraints: unknown[] = (decorator.constraints as unknown[] | undefined) ?? [];
  if (isAsynchronous(constraintCls)) throw new Error('asynchronous checks are unsupported');
  const constraint = new (constraintCls as unknown as ConstraintClass)();
  const name = decorator.name ?? constraintCls.name;
  const { target } = decorator;
  const targetName = typeof target === 'string' ? target : target.name;
  const argumentsOf = (value: unknown, parent: unknown): ValidationArguments => ({
    value,
    constraints,
    targetName,
    property,
    object: parent as object,
  });
  return {
    name,
    test: (value, parent) => {
      try {
        const verdict: unknown = constraint.validate(value, argumentsOf(value, parent));
        // a promise, from a check that did not say it is asynchronous, is no consent
        return Boolean(verdict) && !isPromise(verdict);
      } catch {
        return false; // what a check cannot cope with does not pass it
      }
    },
    message: (value, parent) => {
      const context = argumentsOf(value, parent);
      const custom = decorator.message as Message | undefined;
      const template = custom ?? constraint.defaultMessage?.(context) ?? '';
      return shorten(fill(template, context), property) || `must satisfy ${name}`;
    },
  };
}

const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value;

type Message = ValidationMetadata['message'];

/** A rule that JSON Schema says, with the author's text for who breaks it. */
export function wordedCheck(
  decorator: ValidationMetadata,
  isFit: (value: unknown) => boolean,
): CustomCheck {
  return { ...customCheck(decorator), test: isFit };
}

/** The message's `$` tokens, but for `$value`: what a caller sent is not repeated in an error. */
function fill(message: Message, context: ValidationArguments): string {
  const text = typeof message === 'function' ? message(context) : message;
  return text
    .replace(/\$constraint(\d+)/g, (_, n: string) => String(context.constraints[Number(n) - 1]))
    .replaceAll('$property', context.property)
    .replaceAll('$target', context.targetName);
}

/** The error's path says which property, and which element of it. */
function shorten(message: string, property: string): string {
  const subject = `${property} `;
  const text = message.replace(/^each value in /, '');
  return text.startsWith(subject) ? text.slice(subject.length) : text;
}

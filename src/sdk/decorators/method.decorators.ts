import {
  type ClassMetadata,
  type MethodMetadata,
  setPropertyDescription,
  updateClassMetadata,
  updateMethodMetadata,
} from '../metadata.js';

type MethodPatch = Partial<MethodMetadata>;

function onMethod(patch: MethodPatch): MethodDecorator {
  return (prototype, key) => {
    updateMethodMetadata(prototype, key, patch);
  };
}

/** Marks a class when used on one, else a method: both records have the same fields for it. */
function onMethodOrClass(patch: MethodPatch & Partial<ClassMetadata>) {
  return (target: object, key?: string | symbol): void => {
    if (key === undefined) updateClassMetadata(target, patch);
    else updateMethodMetadata(target, key, patch);
  };
}

/**
 * A sentence for people, on a method, a class or a property of a schema class; shown by discovery,
 * the console and the documents. On a method it also makes the method callable.
 *
 * @example
 * @description('Finds a user by name')
 */
export function description(text: string) {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (key === undefined) updateClassMetadata(target, { description: text });
    else if (descriptor === undefined) setPropertyDescription(target, key, text);
    else updateMethodMetadata(target, key, { description: text });
  };
}

/** The method's result may be streamed: it returns an iterable or async iterable of items. */
export const generator = (): MethodDecorator => onMethod({ generator: true });

/** The method may be called before login. */
export const unauthenticated = (): MethodDecorator => onMethod({ unauthenticated: true });

/** Only a caller that has one of the roles may call the method or submit the task. */
export const requireRoles = (...roles: readonly string[]) => onMethodOrClass({ roles });

const markPrivate = () => onMethodOrClass({ private: true });
/** Only plugins and service principals may call the method or submit the task. */
export { markPrivate as private };
/** The same as `private`, which is a reserved word and cannot be imported without another name. */
export { markPrivate as internal };

/** Still works, but says what to use instead. */
export const deprecated = (text: string) => onMethodOrClass({ deprecated: text });

/** Names of the arguments, for calls that pass them by name; otherwise they are read from the source. */
export const params = (...names: readonly string[]): MethodDecorator => onMethod({ params: names });

/** Fills a parameter, after the arguments, with the caller as a `Sender`. */
export function sender(): ParameterDecorator {
  return (prototype, key, index) => {
    if (key !== undefined) updateMethodMetadata(prototype, key, { senderIndex: index });
  };
}

/** Fills a parameter, after the arguments, with the `AbortSignal` of the call. */
export function signal(): ParameterDecorator {
  return (prototype, key, index) => {
    if (key !== undefined) updateMethodMetadata(prototype, key, { signalIndex: index });
  };
}

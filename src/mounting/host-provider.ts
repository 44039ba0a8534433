const HOOKS = new Set<PropertyKey>([
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

/**
 * A provider of the application as plugins get it. Nest calls the life-cycle hooks of everything
 * that it injects, and would end the application's own service each time a plugin is reloaded: an
 * object that has such hooks is handed out without them.
 */
export function withoutHooks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const target = value;
  return [...HOOKS].some((hook) => hook in target) ? facade(() => target, target) : target;
}

/**
 * An object that is there from the start on, but may be used only when `get` has something to give.
 * Until then Nest and its modules look at it as at an instance of `type`: whatever walks over all
 * providers may read what it likes, and only who calls a method is refused, by what `get` throws.
 */
export function late<T extends object>(
  type: { readonly prototype: T },
  source: { readonly isReady: () => boolean; readonly get: () => T },
): T {
  const shape = Object.create(type.prototype) as T;
  return facade(() => (source.isReady() ? source.get() : inert(shape, source.get)), shape);
}

/** Has a method for every name that is asked for, and each of them throws. */
function inert<T extends object>(shape: T, get: () => T): T {
  return new Proxy(shape, {
    get: () => () => {
      get(); // says why not yet, or why not any more
    },
    set: (_, key, value) => Reflect.set(get(), key, value),
  });
}

/** @param shape - what the facade looks like to `instanceof` and to whoever lists its keys */
function facade<T extends object>(get: () => T, shape: T): T {
  return new Proxy(shape, {
    get: (_, key) => {
      if (isUnknown(key)) return undefined;
      if (key === 'constructor') return shape.constructor;
      const target = get();
      const value: unknown = Reflect.get(target, key, target);
      // methods see the real object, whose private fields a proxy does not have
      const isMethod = typeof value === 'function' && !Object.hasOwn(target, key);
      return isMethod ? (value.bind(target) as unknown) : value;
    },
    has: (_, key) => !HOOKS.has(key) && key in get(),
    set: (_, key, value) => Reflect.set(get(), key, value),
  });
}

/** A promise would be awaited by Nest; symbols and `toJSON` are looked at by whoever prints an object. */
function isUnknown(key: PropertyKey): boolean {
  return HOOKS.has(key) || key === 'then' || key === 'toJSON' || typeof key === 'symbol';
}

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
 * Until then Nest looks at it as at an instance of `type`.
 */
export function late<T extends object>(type: { readonly prototype: T }, get: () => T): T {
  return facade(get, Object.create(type.prototype) as T);
}

/** @param shape - what the facade looks like to `instanceof` and to whoever lists its keys */
function facade<T extends object>(get: () => T, shape: T): T {
  return new Proxy(shape, {
    get: (_, key) => {
      // a promise would be awaited by Nest, and symbols are looked at by whoever prints an object
      if (HOOKS.has(key) || key === 'then' || typeof key === 'symbol') return undefined;
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

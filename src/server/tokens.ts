/** Injection token of what the host application offers to the classes of plugins. */
export const HOST_PROVIDERS = Symbol('what the host application offers to plugins');

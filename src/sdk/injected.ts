import type { Type } from '@nestjs/common';
import { ConfigStore, Datastore } from './datastore.js';
import { Dispatcher } from './dispatcher.js';
import { Logger } from './logger.js';
import { Inject, Optional } from './nest-decorators.js';

/**
 * Marks the members that Nest fills right after construction, for a base class and all that extend
 * it: a plugin's constructor needs no parameters of ours and calls a bare `super()`.
 */
export function injectMembers(base: Pick<Type, 'prototype'>): void {
  const prototype = base.prototype as object;
  Inject(Dispatcher)(prototype, 'dispatcher');
  Inject(Logger)(prototype, 'logger');
  // the server always has a store; what is constructed by hand in a test may do without
  for (const [key, token] of Object.entries({ datastore: Datastore, configstore: ConfigStore })) {
    Optional()(prototype, key);
    Inject(token)(prototype, key);
  }
}

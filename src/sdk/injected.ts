import { Inject, type Type } from '@nestjs/common';
import { Dispatcher } from './dispatcher.js';
import { Logger } from './logger.js';

/**
 * Marks the members that Nest fills right after construction, for a base class and all that extend
 * it: a plugin's constructor needs no parameters of ours and calls a bare `super()`.
 */
export function injectMembers(base: Pick<Type, 'prototype'>): void {
  const prototype = base.prototype as object;
  Inject(Dispatcher)(prototype, 'dispatcher');
  Inject(Logger)(prototype, 'logger');
}

import type { EndingSender } from '../rpc/index.js';
import type { CallerScope } from './caller-scope.js';

/** A plugin as the methods that it calls see it: every role, and an end when it is unloaded. */
export class PluginSender implements EndingSender {
  readonly kind = 'plugin';
  readonly roles = ['admin'];
  readonly sessionId = null;

  readonly task?: number;

  constructor(readonly holder: CallerScope) {
    if (holder.task !== undefined) this.task = holder.task;
  }

  get user(): string {
    return this.holder.name;
  }

  get address(): string {
    return `plugin,${this.holder.name}`;
  }

  onEnded(listener: () => void): () => void {
    const key = {};
    this.holder.undoStack.add('caller', key, listener);
    return () => void this.holder.undoStack.take('caller', key);
  }
}

import { coded, type RpcException } from '../common/index.js';
import type { EventRouter } from '../events/index.js';
import type { Logger } from '../sdk/index.js';
import type { PluginFailure } from './plugin-failure.js';

/** Tells the log and whoever listens to `server.plugin.*` what became of each plugin. */
export class PluginReporter {
  constructor(
    private readonly events: EventRouter,
    private readonly logger: (plugin: string) => Logger,
  ) {}

  loaded(name: string): void {
    this.events.publish('server.plugin.loaded', { name });
  }

  initialized(name: string): void {
    this.logger(name).info('Plugin initialized');
    this.events.publish('server.plugin.initialized', { name });
  }

  unloaded(name: string): void {
    this.logger(name).info('Plugin unloaded');
  }

  /** @param goesOn - the code that ran before is still at work, or is again */
  failed(name: string, { stage, message, cause }: PluginFailure, goesOn = false): void {
    const fields = { stage, ...(cause instanceof Error && { error: cause }) };
    if (goesOn)
      this.logger(name).error(
        `Plugin failed at stage ${stage}: ${message}. The code that ran before goes on`,
        fields,
      );
    else this.logger(name).error(`Plugin failed at stage ${stage}: ${message}`, fields);
    this.#publishError(name, stage, message);
  }

  skipped(name: string, message: string): void {
    this.logger(name).warn(`Plugin skipped: ${message}`);
    this.#publishError(name, 'dependencies', message);
  }

  #publishError(name: string, stage: string, message: string): void {
    this.events.publish('server.plugin.load_error', { name, stage, message });
  }
}

/** The failure as the caller of a reload is told it. */
export function loadFailed(plugin: string, stage: string, cause: string): RpcException {
  return coded('PLUGIN_LOAD_FAILED', { plugin, stage, cause });
}

import type { InjectionToken } from '@nestjs/common';
import type { ServiceOwner } from '../rpc/index.js';
import type { Logger } from '../sdk/index.js';
import type { PluginHostDependencies } from './plugin-host.dependencies.js';
import type { ConfigStore, Datastore } from '../sdk/index.js';
import type { TaskOrigin } from '../tasks/index.js';
import type { CallerScope } from './caller-scope.js';
import { CodeRefCount } from './code-ref-count.js';
import type { PluginEnhancers } from './enhancers/plugin-enhancers.js';
import { PluginSettings } from './plugin-settings.js';
import { PluginSources } from './plugin-sources.js';
import { UndoStack } from './undo-stack.js';

/**
 * What one generation of a plugin has and does: who it is, what it registered, whether it still
 * lives. The parts of the host that act for a generation share it.
 */
export class PluginScope implements CallerScope {
  readonly undoStack = new UndoStack();
  readonly sources: PluginSources;
  /** What stands before methods and tasks; null until the plugin's classes are made, and where there are none. */
  enhancers: PluginEnhancers | null = null;
  /** What the host application has lent to the plugin's classes, of which another process has nothing. */
  readonly lent: { tokens: ReadonlySet<InjectionToken>; used: InjectionToken | null } = {
    tokens: new Set(),
    used: null,
  };
  /** Tasks that run in this generation's code, and may go on when it is unloaded. */
  readonly tasks = new CodeRefCount();
  readonly settings: PluginSettings;
  readonly #controller = new AbortController();
  #closedBecause: string | null = null;
  /** What was registered before the generation took charge; null from then on. */
  #early: (() => unknown)[] | null = [];

  constructor(
    readonly host: PluginHostDependencies,
    /** Outlives the generation: it keeps the gate at which callers wait for the next one. */
    readonly owner: ServiceOwner,
    readonly logger: Logger,
    /** Where a process of its own finds the code for the plugin's tasks. */
    readonly origin: TaskOrigin,
  ) {
    const { events, clock, random } = host;
    this.settings = new PluginSettings(host.settings, owner.name);
    this.sources = new PluginSources(owner.name, { events, clock, random, logger });
  }

  get name(): string {
    return this.owner.name;
  }

  /** Fires when unloading begins. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A task begins to use the code; returns how to say that it has ended. */
  acquireCode(): () => void {
    return this.tasks.acquire();
  }

  stores(): { readonly datastore: Datastore; readonly configstore: ConfigStore } {
    return this.host.stores;
  }

  /**
   * Registers something: at once, or, while another generation of the plugin still has the names,
   * when this one takes charge.
   */
  register<T>(registration: () => T): T | undefined {
    if (this.#early === null) return registration();
    this.#early.push(registration);
    return undefined;
  }

  /** Whether the names of the plugin are this generation's. */
  get isInCharge(): boolean {
    return this.#early === null;
  }

  /** No other generation of the plugin is at work any more: what this one wants registered is. */
  async takeCharge(): Promise<void> {
    const early = this.#early ?? [];
    this.#early = null;
    for (const registration of early) await registration();
  }

  abort(): void {
    this.#controller.abort(new Error(`Plugin ${this.name} is being unloaded`));
  }

  /** From now on the plugin's code may run to its end, but reaches the server no more. */
  close(reason = unloaded(this.name)): void {
    this.#closedBecause = reason;
  }

  /** @throws Error when the generation was unloaded */
  assertOpen(): void {
    if (this.#closedBecause === null) return;
    throw new Error(this.#closedBecause);
  }
}

const unloaded = (name: string): string =>
  `Plugin ${name} was unloaded: this code belongs to an old generation and may not use the dispatcher`;

import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { InvalidClassScopeException } from '@nestjs/core/errors/exceptions/index.js';
import {
  classMetadata,
  Dispatcher,
  type EventSource,
  Logger,
  type PluginLifecycle,
  type PluginMetadata,
  type Provider,
  type Task,
} from '../sdk/index.js';
import { bounded } from './bounded.js';
import { PluginEnhancers } from './enhancers/plugin-enhancers.js';
import { type PluginClass, readPluginClass, withOptions } from './code/plugin-class.reader.js';
import { checkedOptions, optionsProviders } from './plugin-options.js';
import { assertVersions } from './plugin-version.js';
import type { PluginCode } from './code/plugin-code.js';
import { lentToken, tokensOf } from './lent-tokens.js';
import { createPluginContext, PluginBridge } from './plugin-context.factory.js';
import type { DiscoveredPlugin } from './plugin-discovery.js';
import { PluginDispatcher } from './plugin-dispatcher.js';
import { atStage, describeFailure, type PluginStage } from './plugin-failure.js';
import type { PluginHostSettings } from './plugin-host.dependencies.js';
import { PluginRegistrar } from './plugin-registrar.js';
import type { PluginScope } from './plugin-scope.js';

/**
 * One life of a plugin, from reading its code to forgetting it:
 *
 *     load ──▶ construct ──▶ start (register, init) ──▶ unload
 *       └───────────┴─ on failure ──▶ discard ◀────────────┘
 *
 * A reload makes a new one; nothing of the old one is used again. Up to `start` the old one is at
 * work beside it.
 */
export class PluginGeneration {
  #class: PluginClass | null = null;
  #context: INestApplicationContext | null = null;
  #dispatcher: PluginDispatcher | null = null;

  constructor(
    readonly plugin: DiscoveredPlugin,
    private readonly scope: PluginScope,
    private readonly settings: PluginHostSettings,
    private readonly code: PluginCode,
  ) {}

  /**
   * Reads the code from disk.
   *
   * @throws PluginFailure of stage `load`
   */
  async load(): Promise<PluginMetadata> {
    this.#class = await this.#stage('load', async () => {
      await this.code.prepare();
      return this.#configured(readPluginClass(this.code.load()));
    });
    return this.#class.plugin;
  }

  /** What was evaluated, as text: enough to make another generation of the same code. */
  sources(): ReadonlyMap<string, string> {
    return this.code.sources();
  }

  /**
   * Makes the plugin's classes, once. What they register counts from {@link start} on.
   *
   * @throws PluginFailure of stage `construct`
   */
  async construct(): Promise<void> {
    const declared = this.#loaded();
    if (this.#context !== null) return;
    await this.#stage('construct', async () => {
      await this.scope.settings.open(declared.plugin.settings);
      await this.#construct(declared);
    });
  }

  /**
   * Puts the plugin to work. No other generation of it may be.
   *
   * @throws PluginFailure of stage `construct`, `register` or `init`
   */
  async start(): Promise<void> {
    const { type, plugin } = this.#loaded();
    await this.construct();
    await this.#stage('register', async () => {
      this.#defineSchemas(plugin);
      await this.scope.takeCharge();
      this.scope.settings.declare(this.scope.undoStack);
      this.#registerDecorated(plugin);
    });
    await this.#stage('init', () => this.#init(type));
    if (this.settings.runsEventSources) this.scope.sources.start();
  }

  /** Ends the plugin's loops, lets it clean up, then takes it away whatever that came to. Never rejects. */
  async unload(): Promise<void> {
    this.scope.abort();
    await this.scope.sources.stop(); // before cleanup closes what the loops work with
    await this.#quietly('Plugin cleanup failed', () => {
      const { type } = this.#loaded();
      return this.#context?.get<PluginLifecycle>(type, { strict: false }).cleanup?.();
    });
    await this.discard();
  }

  /**
   * Takes everything back without asking the plugin. Tasks that run finish on this code: it is let go
   * when they have. Never rejects.
   */
  async discard(): Promise<void> {
    this.scope.abort();
    await this.#takeBack();
    if (this.scope.isInCharge) {
      this.scope.host.schemas.undefineOwned(this.plugin.name); // recursive classes name themselves
      this.scope.host.resources.releaseOwner(this.plugin.name);
    }
    if (this.scope.tasks.isInUse) void this.scope.tasks.whenReleased().then(() => this.#letGo());
    else await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const context = this.#context;
    if (context !== null) await this.#quietly('Plugin destroy hook failed', () => context.close());
    this.scope.close();
    this.scope.settings.close();
    await this.#takeBack(); // what a hook registered at the last moment
    this.#context = null;
    this.scope.enhancers = null;
    this.#dispatcher = null;
    this.#class = null;
    this.code.dispose();
  }

  /** @throws PluginFailure, Error naming each option that does not fit */
  async #configured(declared: PluginClass): Promise<PluginClass> {
    assertVersions(declared.plugin, this.settings.serverVersion);
    const { host, origin } = this.scope;
    const { name } = this.plugin;
    const given = this.settings.pluginOptions[name];
    origin.options = checkedOptions({ name, given, declared, schemas: host.schemas });
    return withOptions(declared, origin.options);
  }

  #stage<T>(stage: PluginStage, work: () => T | Promise<T>): Promise<T> {
    const { directory } = this.plugin;
    return atStage(stage, work, (error) =>
      describeFailure(error, { directory, location: this.code.locate(error) }),
    );
  }

  #defineSchemas({ schemas }: PluginMetadata): void {
    const registrar = new PluginRegistrar(this.scope);
    for (const type of schemas) registrar.schema(type.name, type);
  }

  async #construct({ module, plugin }: PluginClass): Promise<void> {
    const dispatcher = new PluginDispatcher(this.scope, (wanted) => this.#make(wanted));
    this.#dispatcher = dispatcher;
    const building = createPluginContext({
      type: module,
      bridged: [
        ...optionsProviders(plugin, this.scope.origin.options),
        { provide: Dispatcher, useValue: dispatcher },
        { provide: Logger, useValue: this.scope.logger },
        ...this.scope.settings.providers,
        ...this.settings.extraProviders,
        ...this.settings.hostProviders,
      ],
    });
    try {
      this.#context = await bounded(building, this.#bound('construction'));
      this.scope.enhancers = new PluginEnhancers(this.#context, PluginBridge);
      const tokens = tokensOf(this.settings.hostProviders);
      Object.assign(this.scope.lent, { tokens, used: lentToken(this.#context, tokens) });
    } catch (error) {
      // One that comes after the deadline is nobody's; one that failed is gone already
      building
        .then(
          (late) => late.close(),
          () => undefined,
        )
        .catch(() => undefined);
      throw error;
    }
  }

  #registerDecorated({ providers }: PluginMetadata): void {
    const registrar = new PluginRegistrar(this.scope);
    for (const type of providers as readonly Type[]) {
      const { role } = classMetadata(type);
      if (role === undefined) continue;
      if (role.kind === 'task') {
        registrar.task(role.name, type as Type<Task>, (wanted) => this.#make(wanted));
      } else if (role.kind === 'provider') {
        registrar.provider(role.name, this.#singleton(type as Type<Provider>));
      } else {
        const source = type as Type<EventSource>;
        this.#dispatcher?.enterSource(role.name, {
          type: source,
          instance: this.#singleton(source),
        });
      }
    }
  }

  async #init(type: Type<PluginLifecycle>): Promise<void> {
    const { name, directory } = this.plugin;
    const { logger, signal } = this.scope;
    const { metadata } = this.#loaded().plugin;
    const context = { name, directory, metadata, logger, signal };
    await bounded(this.#singleton(type).init?.(context), this.#bound('init'));
  }

  /** By the plugin's own injection; a class that is one of its singletons already stays that one. */
  async #make<T>(type: Type<T>): Promise<T> {
    const { module: plugin, plugin: metadata } = this.#loaded();
    if (this.#context === null) {
      throw new Error(
        `Plugin ${this.plugin.name} is not constructed yet: register classes in init`,
      );
    }
    const isTask = classMetadata(type).role?.kind === 'task'; // each run has an instance of its own
    if (!isTask && (metadata.providers as readonly unknown[]).includes(type)) {
      return this.#singleton(type);
    }
    return this.#context.select(plugin).get(ModuleRef).create(type);
  }

  #singleton<T>(type: Type<T>): T {
    if (this.#context === null) throw new Error(`Plugin ${this.plugin.name} is not constructed`);
    try {
      return this.#context.get<T>(type, { strict: false });
    } catch (error) {
      if (!(error instanceof InvalidClassScopeException)) throw error;
      throw new Error(
        `${type.name}, or something that it has injected or that guards it, is of scope REQUEST or TRANSIENT: there is one for the whole life of the plugin`,
        { cause: error },
      );
    }
  }

  #loaded(): PluginClass {
    if (this.#class === null) throw new Error(`Plugin ${this.plugin.name} has no code loaded`);
    return this.#class;
  }

  #takeBack(): Promise<void> {
    return this.scope.undoStack.undoAll((what, error) =>
      this.scope.logger.error('Plugin registration could not be taken back', { what, error }),
    );
  }

  async #quietly(message: string, work: () => unknown): Promise<void> {
    try {
      const { cleanupTimeoutMs } = this.settings;
      await bounded(work(), this.#bound('cleanup', cleanupTimeoutMs));
    } catch (error) {
      this.scope.logger.error(message, { error });
    }
  }

  #bound(
    what: string,
    timeoutMs = this.settings.initTimeoutMs,
  ): {
    timeoutMs: number;
    message: string;
  } {
    return { timeoutMs, message: `${what} did not finish within ${timeoutMs / 1_000} s` };
  }
}

import type { EventScope } from '../cluster/index.js';
import type { Type } from '@nestjs/common';
import { assertForeign, type EventType, type SupervisedSource } from '../events/index.js';
import { exploreService, type Service } from '../rpc/index.js';
import type { SchemaArg } from '../schema/index.js';
import { classMetadata, type EventSource, type Provider, type Task } from '../sdk/index.js';
import { assertNoEnhancers } from './enhancers/plugin-enhancers.js';
import { describeTask } from './plugin-task.js';
import type { Construct } from './construct.js';
import type { PluginScope } from './plugin-scope.js';
import type { Constructed } from './plugin-sources.js';
import type { EventSourceRow } from '../wire/index.js';

export interface EventTypeOptions {
  readonly schema?: SchemaArg;
  readonly description?: string;
  readonly scope?: EventScope;
}

/**
 * Enters what a plugin offers into the server's tables, and into the plugin's undo stack the way back.
 * Both ways of registering end here: decorated classes and calls on the dispatcher.
 */
export class PluginRegistrar {
  readonly #source: { readonly owner: string };

  constructor(private readonly scope: PluginScope) {
    this.#source = { owner: scope.name };
  }

  provider(service: string, instance: Provider): void {
    const { host, owner, undoStack, enhancers } = this.scope;
    if (enhancers === null)
      assertNoEnhancers(instance.constructor as Type, `Provider ${service} is of no plugin`);
    const source = { service, instance, owner, ...(enhancers && { enhance: enhancers.enhance }) };
    const described = exploreService(source, host.schemas);
    this.#warnAbout(described);
    host.services.register(described);
    undoStack.add('provider', service, () => host.services.unregister(service));
  }

  /** It works, and is most likely not meant so. */
  #warnAbout({ name, methods }: Service): void {
    const logger = this.scope.host.createLogger(this.scope.name);
    if (methods.size === 0) {
      logger.warn(
        `Provider ${name} has no method with @accepts, @returns or @query: nobody can call it`,
      );
    }
    const unchecked = [...methods.values()].filter(
      ({ resultValidator }) => resultValidator === null,
    );
    if (unchecked.length === 0) return;
    const names = unchecked.map((method) => method.name).join(', ');
    logger.warn(
      `Provider ${name} has methods without @returns, whose results go out unchecked: ${names}`,
    );
  }

  task(name: string, type: Type<Task>, construct: Construct): void {
    const { host, undoStack } = this.scope;
    const { owner } = this.#source;
    const value = describeTask({ name, type, construct }, this.scope);
    host.tasks.add(name, { owner, value });
    undoStack.add('task', name, () => void host.tasks.remove(name, owner));
  }

  taskHook(name: string, task: string, condition?: SchemaArg): void {
    const { host, undoStack } = this.scope;
    const validator =
      condition === undefined ? null : host.schemas.compileValue(condition, 'input', this.#source);
    const applies = (args: readonly unknown[]): boolean => validator?.validate(args) == null;
    const hook = { task, owner: this.scope.name, applies };
    host.taskHooks.add(name, hook);
    undoStack.add('task hook', `${name} ${task}`, () => host.taskHooks.remove(name, hook));
  }

  /**
   * The source's name is also that of an event, unless the plugin described that event before.
   *
   * @throws RpcException EEXIST when the name is taken, EPERM for the server's own prefixes
   */
  eventSource(name: string, source: Constructed<EventSource>): SupervisedSource {
    const { host, undoStack, sources } = this.scope;
    const { owner } = this.#source;
    assertForeign(name);
    assertNoEnhancers(source.type, `Event source ${name} runs in no call`);
    if (typeof (source.instance as Partial<EventSource>).run !== 'function') {
      throw new Error(`Event source ${name} has no method run`);
    }
    const description = classMetadata(source.type).description ?? null;
    const status = (): EventSourceRow => supervised.status();
    host.eventSources.add(name, { owner, value: { name, description, status } });
    const supervised = sources.add(name, source);
    undoStack.add('event source', name, async () => {
      await sources.remove(name); // before the name is free, so that no second loop can begin
      host.eventSources.remove(name, owner);
    });
    if (host.eventTypes.get(name) === undefined) {
      this.#addEventType(name, { description, schema: null, validator: null }, name);
    }
    return supervised;
  }

  /**
   * What a source has registered it may register again with more to say, be it because its name was
   * registered for it, be it because its loop begins anew after a failure.
   */
  eventType(name: string, options: EventTypeOptions, by: string | null): void {
    const { host, sources } = this.scope;
    assertForeign(name);
    const { schema, description, scope } = options;
    const described = {
      description: description ?? null,
      schema: schema === undefined ? null : host.schemas.toJsonSchema(schema, this.#source),
      validator:
        schema === undefined ? null : host.schemas.compileValue(schema, 'result', this.#source),
      ...(scope !== undefined && { scope }),
    };
    const registrant = sources.registrantOf(name);
    if (registrant !== null && (registrant === by || registrant === name)) {
      host.eventTypes.replace(name, {
        ...this.#source,
        value: this.#publishedBySource(name, described),
      });
    } else {
      this.#addEventType(name, described, by);
    }
  }

  schema(name: string, schema: SchemaArg): void {
    const { host, undoStack } = this.scope;
    host.schemas.define(name, schema, this.#source);
    undoStack.add('schema', name, () => host.schemas.undefine(name));
  }

  #addEventType(name: string, described: Described, by: string | null): void {
    const { host, undoStack, sources } = this.scope;
    const { owner } = this.#source;
    host.eventTypes.add(name, { owner, value: this.#publishedBySource(name, described) });
    undoStack.add('event type', name, () => {
      host.eventTypes.remove(name, owner);
      sources.removeType(name);
    });
    sources.addType(name, by);
  }

  /** Whose an event is changes with the number of the plugin's sources: it is looked up when asked for. */
  #publishedBySource(name: string, described: Described): EventType {
    const { sources } = this.scope;
    return {
      ...described,
      get source() {
        return sources.classOf(name);
      },
    };
  }
}

type Described = Omit<EventType, 'source'>;

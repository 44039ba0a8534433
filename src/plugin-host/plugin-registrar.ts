import type { Type } from '@nestjs/common';
import type { EventType } from '../events/index.js';
import { exploreService } from '../rpc/index.js';
import type { SchemaArg } from '../schema/index.js';
import { classMetadata, type EventSource, type Provider, type Task } from '../sdk/index.js';
import type { PluginScope } from './plugin-scope.js';

/** A class and the object made of it. */
export interface Constructed<T> {
  readonly type: Type<T>;
  readonly instance: T;
}

export interface EventTypeOptions {
  readonly schema?: SchemaArg;
  readonly description?: string;
}

/**
 * Enters what a plugin offers into the server's tables, and into the plugin's ledger the way back.
 * Both ways of registering end here: decorated classes and calls on the dispatcher.
 */
export class PluginRegistrar {
  readonly #source: { readonly owner: string };

  constructor(private readonly scope: PluginScope) {
    this.#source = { owner: scope.name };
  }

  provider(service: string, instance: Provider): void {
    const { host, owner, ledger } = this.scope;
    host.services.register(exploreService({ service, instance, owner }, host.schemas));
    ledger.add('provider', service, () => host.services.unregister(service));
  }

  task(name: string, type: Type<Task>): void {
    const { host, ledger } = this.scope;
    const { role, description, accepts, returns, roles, ...metadata } = classMetadata(type);
    const { owner } = this.#source;
    host.tasks.add(name, {
      owner,
      value: {
        name,
        owner,
        type,
        description: description ?? null,
        options: role?.kind === 'task' ? role.options : {},
        isPrivate: metadata.private ?? false,
        roles: roles ?? [],
        argumentsValidator:
          accepts === undefined ? null : host.schemas.compileArguments(accepts, this.#source),
        resultValidator:
          returns === undefined ? null : host.schemas.compileValue(returns, 'result', this.#source),
      },
    });
    ledger.add('task', name, () => void host.tasks.remove(name, owner));
  }

  /** The source's name is also that of an event, unless the plugin described that event before. */
  eventSource(name: string, { type, instance }: Constructed<EventSource>): void {
    const { host, ledger } = this.scope;
    const { owner } = this.#source;
    const description = classMetadata(type).description ?? null;
    host.eventSources.add(name, { owner, value: { name, type, instance, description } });
    ledger.add('event source', name, () => void host.eventSources.remove(name, owner));
    if (host.eventTypes.get(name) === undefined) {
      this.#addEventType(name, { description, schema: null, validator: null, source: type.name });
    }
  }

  eventType(name: string, { schema, description }: EventTypeOptions): void {
    const { host, ledger } = this.scope;
    const described = {
      description: description ?? null,
      schema: schema === undefined ? null : host.schemas.toJsonSchema(schema, this.#source),
      validator:
        schema === undefined ? null : host.schemas.compileValue(schema, 'result', this.#source),
    };
    // A source entered its event under its own name; the plugin may say more about it afterwards
    const source = host.eventTypes.get(name)?.source ?? null;
    if (source !== null) void ledger.take('event type', name)?.();
    this.#addEventType(name, { ...described, source });
  }

  schema(name: string, schema: SchemaArg): void {
    const { host, ledger } = this.scope;
    host.schemas.define(name, schema, this.#source);
    ledger.add('schema', name, () => host.schemas.undefine(name));
  }

  #addEventType(name: string, value: EventType): void {
    const { host, ledger } = this.scope;
    const { owner } = this.#source;
    host.eventTypes.add(name, { owner, value });
    ledger.add('event type', name, () => void host.eventTypes.remove(name, owner));
  }
}

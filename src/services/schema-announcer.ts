import { Injectable } from '@nestjs/common';
import { EventRouter } from '../events/index.js';
import { SchemaRegistry } from '../schema/index.js';

/**
 * Publishes `server.schema_document_changed {hash}` when the document of all definitions is another
 * one than before: once for all changes of a tick, and not when they cancel each other out.
 */
@Injectable()
export class SchemaAnnouncer {
  #hash = '';
  #scheduled: NodeJS.Immediate | null = null;
  #stop: (() => void) | null = null;

  constructor(
    private readonly schemas: SchemaRegistry,
    private readonly events: EventRouter,
  ) {}

  /** What changed before is news to nobody. */
  start(): void {
    this.#hash = this.schemas.hash();
    this.#stop = this.schemas.onChange(() => {
      this.#scheduled ??= setImmediate(() => this.#announce());
    });
  }

  stop(): void {
    this.#stop?.();
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
  }

  #announce(): void {
    this.#scheduled = null;
    const hash = this.schemas.hash();
    if (hash === this.#hash) return;
    this.#hash = hash;
    this.events.publish('server.schema_document_changed', { hash });
  }
}

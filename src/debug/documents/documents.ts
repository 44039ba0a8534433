import { Inject, Injectable } from '@nestjs/common';
import { EventTypeTable } from '../../events/index.js';
import { OpenRpcDescriber, type Service, ServiceRegistry } from '../../rpc/index.js';
import { type JsonSchema, SchemaRegistry } from '../../schema/index.js';
import { HOST_PROCESS, type HostProcess } from '../../system/index.js';
import { TaskHandlerTable } from '../../tasks/index.js';
import { asyncApiDocument } from './asyncapi.js';
import type { Offer, OfferedService } from './offer.js';
import { openRpcDocument } from './openrpc.js';

/** How long a service in another process may take to say what it offers. */
const DESCRIBE_TIMEOUT_MS = 2_000;

type DocumentName = 'openrpc' | 'asyncapi' | 'schema';

/**
 * The documents for tools, as JSON text. They are made when they are asked for and kept as long as
 * what they were made of is the same, object by object: no listener can be forgotten, and to look
 * costs a walk over the services. A service in another process may say something else each time, so
 * with one of those nothing is kept.
 */
@Injectable()
export class Documents extends OpenRpcDescriber {
  #kept: { readonly parts: readonly unknown[]; readonly texts: Map<DocumentName, string> } | null =
    null;

  constructor(
    private readonly services: ServiceRegistry,
    private readonly schemas: SchemaRegistry,
    private readonly tasks: TaskHandlerTable,
    private readonly eventTypes: EventTypeTable,
    @Inject(HOST_PROCESS) private readonly host: Pick<HostProcess, 'version'>,
  ) {
    super();
  }

  /** OpenRPC 1.3: all methods. */
  override openRpc(): Promise<string> {
    return this.#text('openrpc', async () => openRpcDocument(await this.#offer()));
  }

  /** AsyncAPI 3: all event types, and the classes of tasks. */
  asyncApi(): Promise<string> {
    return this.#text('asyncapi', async () => asyncApiDocument(await this.#offer()));
  }

  /** JSON Schema: all definitions. */
  schema(): Promise<string> {
    return this.#text('schema', () => Promise.resolve(this.schemas.document()));
  }

  async #text(name: DocumentName, make: () => Promise<JsonSchema>): Promise<string> {
    const texts = this.#textsOfNow();
    const known = texts.get(name);
    if (known !== undefined) return known;
    const text = JSON.stringify(await make());
    const isLasting = this.services.list().every(({ remote }) => remote === undefined);
    if (isLasting || name === 'schema') texts.set(name, text);
    return text;
  }

  #textsOfNow(): Map<DocumentName, string> {
    const { services, schemas, tasks, eventTypes } = this;
    const parts = [
      schemas.hash(),
      ...services.list(),
      ...tasks.entries().flat(),
      ...eventTypes.entries().flat(),
    ];
    const { parts: before } = this.#kept ?? {};
    const isSame =
      before?.length === parts.length && parts.every((part, at) => part === before[at]);
    if (!isSame || this.#kept === null) this.#kept = { parts, texts: new Map() };
    return this.#kept.texts;
  }

  async #offer(): Promise<Offer> {
    const { host, services, schemas, tasks, eventTypes } = this;
    return {
      version: host.version,
      services: await Promise.all(services.list().map(describe)),
      tasks: tasks.entries(),
      eventTypes: eventTypes.entries(),
      definitions: schemas.document()['definitions'] as Record<string, JsonSchema>,
    };
  }
}

async function describe({ name, description, methods, remote }: Service): Promise<OfferedService> {
  if (remote === undefined) {
    return {
      name,
      description,
      methods: [...methods.values()].map((method) => method.description),
    };
  }
  try {
    const described = await remote.describe(AbortSignal.timeout(DESCRIBE_TIMEOUT_MS));
    return { name, description, methods: described };
  } catch {
    return { name, description, methods: [] }; // it does not answer now; the others' methods count
  }
}

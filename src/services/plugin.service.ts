import { coded, onAbort } from '../common/index.js';
import { type Connection, ConnectionSender } from '../gateway/index.js';
import { ServiceRegistry } from '../rpc/index.js';
import {
  accepts,
  description,
  h,
  type Infer,
  type JsonSchema,
  private as onlyServices,
  provider,
  returns,
  type Sender,
  sender,
  signal,
} from '../sdk/index.js';
import { ExternalServices } from './external/external-services.js';
import { SECONDS, toMilliseconds } from './seconds.js';
import { NAME } from './name.schema.js';

const MAX_DESCRIPTION = 4_096;

const SERVICE_OPTIONS = h.optional(
  h.nullable(
    h.object({
      methods: h.optional(
        h.with(h.any(), {
          description:
            'List of {name, description?, params-schema?, result-schema?, parameters?, roles?, private?, deprecated?, generator?, query?}, or an object of them by name',
        }),
      ),
    }),
  ),
);

const EVENT_OPTIONS = h.optional(
  h.nullable(
    h.object({
      description: h.optional(h.nullable(h.string({ maxLength: MAX_DESCRIPTION }))),
      schema: h.optional(h.nullable(Object)),
    }),
  ),
);

@provider('plugin')
@description('Lets processes outside of the server offer services, events and schemas')
export class PluginService {
  constructor(
    private readonly external: ExternalServices,
    private readonly services: ServiceRegistry,
  ) {}

  @description(
    'Offers a service over this connection; calls wait until it resumes. Methods that are not described are for admin and services only',
  )
  @accepts(NAME, SERVICE_OPTIONS)
  @returns(null)
  @onlyServices()
  registerService(
    name: string,
    options: Infer<typeof SERVICE_OPTIONS>,
    @sender() caller: Sender,
  ): null {
    const { external } = this;
    external.registerService(connectionOf(caller), name, options?.methods ?? []);
    return null;
  }

  @description('Takes back a service of this connection')
  @accepts(NAME)
  @returns(null)
  @onlyServices()
  unregisterService(name: string, @sender() caller: Sender): null {
    this.external.unregisterService(connectionOf(caller), name);
    return null;
  }

  @description('From now on calls of the service are forwarded, first those that waited')
  @accepts(NAME)
  @returns(null)
  @onlyServices()
  resumeService(name: string, @sender() caller: Sender): null {
    this.external.resumeService(connectionOf(caller), name);
    return null;
  }

  @description('Adds a schema definition, which lasts as long as this connection')
  @accepts(NAME, Object)
  @returns(null)
  @onlyServices()
  registerSchema(name: string, schema: object, @sender() caller: Sender): null {
    const definition = schema as JsonSchema;
    this.external.registerSchema(connectionOf(caller), name, definition);
    return null;
  }

  @description('Takes back a schema definition of this connection')
  @accepts(NAME)
  @returns(null)
  @onlyServices()
  unregisterSchema(name: string, @sender() caller: Sender): null {
    this.external.unregisterSchema(connectionOf(caller), name);
    return null;
  }

  @description(
    'Makes an event of a service of this connection known; `enable` and `disable` of the service are called with it as soon as somebody and nobody wants it',
  )
  @accepts(NAME, NAME, EVENT_OPTIONS)
  @returns(null)
  @onlyServices()
  registerEventType(
    service: string,
    event: string,
    options: Infer<typeof EVENT_OPTIONS>,
    @sender() caller: Sender,
  ): null {
    const { description = null, schema = null } = options ?? {};
    this.external.registerEventType(connectionOf(caller), service, {
      name: event,
      description,
      schema: schema as JsonSchema | null,
    });
    return null;
  }

  @description('Takes back an event of this connection')
  @accepts(NAME)
  @returns(null)
  @onlyServices()
  unregisterEventType(event: string, @sender() caller: Sender): null {
    this.external.unregisterEventType(connectionOf(caller), event);
    return null;
  }

  @description(
    'True as soon as the service is there; false when it is not there in so many seconds',
  )
  @accepts(NAME, h.optional(h.nullable(SECONDS)))
  @returns(Boolean)
  waitForService(
    name: string,
    timeout: number | null | undefined,
    @signal() stop: AbortSignal,
  ): boolean | Promise<boolean> {
    const { services } = this;
    if (services.get(name) !== undefined) return true;
    if (stop.aborted) return false;
    return new Promise((resolve) => {
      const settle = (isThere: boolean): void => {
        unlisten();
        clearTimeout(timer);
        forget();
        resolve(isThere);
      };
      const giveUp = (): void => settle(false);
      const unlisten = services.onRegistered((registered) => {
        if (registered === name) settle(true);
      });
      const timer = timeout == null ? undefined : setTimeout(giveUp, toMilliseconds(timeout));
      const forget = onAbort(stop, giveUp);
    });
  }
}

/** A plugin has its own ways to offer services, and they are better ones. */
function connectionOf(caller: Sender): Connection {
  if (!(caller instanceof ConnectionSender)) throw coded('INSUFFICIENT_PRIVILEGES');
  if (!caller.connection.dialect.takesCalls) throw coded('NO_CALLS_TO_CLIENT');
  return caller.connection;
}

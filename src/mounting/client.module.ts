import {
  type DynamicModule,
  Inject,
  type InjectionToken,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DispatcherClient, type DispatcherClientOptions, type Login } from '../client/index.js';
import { nodeSocket, type NodeSocketOptions } from '../client/node/index.js';

/** How a service comes to a dispatcher somewhere else. */
export interface ClientModuleOptions extends Omit<DispatcherClientOptions, 'credentials'> {
  /** How it logs in, on each connection for which no token is left. Not given: it stays a stranger. */
  readonly login?: Login;
  /** Certificates, headers and bounds of its sockets, unless `webSocket` is given. */
  readonly socket?: NodeSocketOptions;
  /**
   * Whether the application starts although nobody answers, and connects when somebody does. False,
   * the default: its start fails with the reason.
   */
  readonly retry?: boolean;
}

export interface AsyncClientModuleOptions {
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly inject?: readonly InjectionToken[];
  readonly useFactory: (
    ...dependencies: never[]
  ) => ClientModuleOptions | Promise<ClientModuleOptions>;
  readonly isGlobal?: boolean;
}

const OPTIONS = Symbol('options of the dispatcher client');

/**
 * Gives a Nest application a connected client of a dispatcher that runs elsewhere: `DispatcherClient`
 * is injectable, connected when the modules are initialised, and closed after they were destroyed, so
 * that what they say at their end still arrives.
 *
 * @example
 * @Module({
 *   imports: [
 *     DispatcherClientModule.forRoot({
 *       url: 'ws://127.0.0.1:5000/socket',
 *       login: { kind: 'service', name: 'reports' },
 *     }),
 *   ],
 * })
 * export class ReportsModule {}
 *
 * constructor(private readonly dispatcher: DispatcherClient) {}
 */
@Module({})
export class DispatcherClientModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(DispatcherClient) private readonly client: DispatcherClient,
    @Inject(OPTIONS) private readonly options: ClientModuleOptions,
  ) {}

  static forRoot({
    isGlobal = false,
    ...options
  }: ClientModuleOptions & { readonly isGlobal?: boolean }): DynamicModule {
    return clientModule({ isGlobal }, { provide: OPTIONS, useFactory: () => options });
  }

  /** As {@link forRoot}, for an application that has its settings from elsewhere. */
  static forRootAsync({
    useFactory,
    inject = [],
    imports = [],
    isGlobal = false,
  }: AsyncClientModuleOptions): DynamicModule {
    const factory = useFactory as (...dependencies: unknown[]) => unknown;
    return clientModule(
      { isGlobal, imports: [...imports] },
      { provide: OPTIONS, useFactory: factory, inject: [...inject] },
    );
  }

  /** @throws DispatcherClientError when nobody answers, unless `retry` is given, or the login is refused */
  async onModuleInit(): Promise<void> {
    const { retry = false } = this.options;
    const connected = this.client.connect({ retry });
    if (retry)
      connected.catch(() => undefined); // it closed before anybody answered
    else await connected;
  }

  onApplicationShutdown(): void {
    this.client.close('The application has ended');
  }
}

function clientModule(
  { isGlobal, imports = [] }: { isGlobal: boolean; imports?: (Type | DynamicModule)[] },
  options: Provider,
): DynamicModule {
  return {
    module: DispatcherClientModule,
    global: isGlobal,
    imports,
    providers: [
      options,
      {
        provide: DispatcherClient,
        useFactory: ({ login, retry, socket, ...given }: ClientModuleOptions) =>
          new DispatcherClient({
            webSocket: nodeSocket(socket),
            ...(login !== undefined && { credentials: () => login }),
            ...given,
          }),
        inject: [OPTIONS],
      },
    ],
    exports: [DispatcherClient],
  };
}

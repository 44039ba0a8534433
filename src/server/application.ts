import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type AppOptions, AppModule } from './app.module.js';
import type { ClusterPorts } from '../cluster/index.js';
import { ConsoleFiles, guardRequest } from '../debug/index.js';
import { PluginLocator } from '../diagnostics/index.js';
import { EventRouter } from '../events/index.js';
import { DispatcherGateway, DispatcherWsAdapter, WebSocketHub } from '../gateway/index.js';
import { joinCluster } from './join-cluster.js';
import { startEmbeddedEtcd } from './embedded-etcd.js';
import { tlsMaterial } from './listener-options.js';
import { DispatcherLifecycle } from './lifecycle.js';
import { NestLogger } from '../logging/index.js';
import { type Construct, PluginHost } from '../plugin-host/index.js';
import { pluginDirectories } from '../plugin-host/plugin-directories.js';
import { Premises } from './premises.js';
import { Readiness } from './readiness.js';
import { ConfigStore, Datastore, type Dispatcher } from '../sdk/index.js';
import type { StandbyPorts } from './standby.js';
import { watchForStalls } from './stall-watch.js';

/** What the application that a server is part of has of it. */
export interface ServerFacade {
  readonly dispatcher: Dispatcher;
  readonly datastore: Datastore;
  readonly configstore: ConfigStore;
}

/** The web console, which Vite builds beside the compiled server. */
const CONSOLE_DIRECTORY = fileURLToPath(new URL('../../console', import.meta.url));

/** A server that is up. */
export interface RunningServer {
  /** Where clients connect, and where the debug-mode server is, if it runs. */
  readonly addresses: readonly string[];
  readonly debugAddress: string | null;
  reloadPlugins(): Promise<void>;
  /** Reads the certificate again, for connections to come. @throws Error when it cannot be used */
  reloadCertificate(): void;
  /** Says goodbye to everybody and stops; resolves when nothing is left running. */
  close(): Promise<void>;
}

/** A server that is up, as whoever started it has it. */
export interface StartedServer extends RunningServer {
  /** Gives the application that the server is part of what a plugin has, until the server closes. */
  facadeFor(construct: Construct): ServerFacade;
}

export interface StartOptions extends Omit<AppOptions, 'premises' | 'cluster'> {
  /** False when Nest's log, of which there is one for the whole process, is somebody else's. */
  readonly ownsNestLog: boolean;
  /** Not given: a store that another server has is never waited for. */
  readonly standby?: StandbyPorts;
}

/**
 * Starts the whole server: for main.ts in a process of its own, for the module of `mounting` inside
 * another application.
 *
 * @throws Error with one line naming what could not be had; nothing is left running then
 */
export async function startServer(options: StartOptions): Promise<StartedServer> {
  const logger = options.log.create({ component: 'server' });
  const cluster = await joinCluster(options);
  try {
    const premises = await Premises.take({ ...options, logger });
    try {
      return await startIn(premises, cluster, options);
    } catch (error) {
      await premises.leave();
      throw error;
    }
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function startIn(
  premises: Premises,
  cluster: ClusterPorts,
  options: StartOptions,
): Promise<StartedServer> {
  const { dispatcher } = options.configuration;
  const { debug } = premises;
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot({ ...options, premises, cluster }),
    {
      ...(options.ownsNestLog && {
        logger: new NestLogger(options.log.create({ component: 'nest' })),
      }),
      abortOnError: false,
      forceCloseConnections: true,
    },
  );
  try {
    app.useWebSocketAdapter(new DispatcherWsAdapter(app, app.get(WebSocketHub)));
    prepareDebugServer(app);
    await app.init();
    // from here on health can be asked for
    debug?.serve(app.getHttpAdapter().getInstance() as RequestListener);
    await app.get(DispatcherLifecycle).start();
    if (debug !== null) app.get(DispatcherGateway).serveConsole(debug.server);
    const etcd = await startEmbeddedEtcd({
      ...options,
      connect: () => app.get(DispatcherGateway).connectWithin(),
    });
    const stalls = watchForStalls({
      events: app.get(EventRouter),
      logger: options.log.create({ component: 'server' }),
      locator: new PluginLocator(pluginDirectories(dispatcher).map(({ path }) => path)),
    });
    return {
      addresses: app.get(Readiness).addresses,
      debugAddress: debug?.url ?? null,
      reloadPlugins: () =>
        app
          .get(PluginHost)
          .reload()
          .finally(() => etcd?.rescan()),
      reloadCertificate: () => {
        const tls = tlsMaterial(dispatcher);
        if (tls !== null) app.get(DispatcherGateway).renewCertificate(tls);
      },
      facadeFor: (construct) => ({
        dispatcher: app.get(PluginHost).dispatcherForApplication(construct),
        datastore: app.get(Datastore),
        configstore: app.get(ConfigStore),
      }),
      close: async () => {
        try {
          await etcd?.close();
          await app.close();
          await stalls.close();
        } finally {
          await premises.leave();
          await cluster.close();
        }
      },
    };
  } catch (error) {
    await app.close().catch((closing: unknown) => {
      options.log.create({ component: 'server' }).error('Cleaning up failed', { error: closing });
    });
    throw error;
  }
}

/** Before any route: whatever is added later is behind it. */
function prepareDebugServer(app: NestExpressApplication): void {
  const files = new ConsoleFiles(CONSOLE_DIRECTORY);
  app.disable('x-powered-by');
  app.use(guardRequest);
  app.use(files.serve.bind(files));
}

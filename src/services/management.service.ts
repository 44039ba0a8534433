import { hostname } from 'node:os';
import { Inject } from '@nestjs/common';
import { coded } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DocumentStore } from '../datastore/index.js';
import { EventSourceTable } from '../events/index.js';
import { ConnectionSender, DispatcherGateway, type Feature, FEATURES } from '../gateway/index.js';
import { LogRoot } from '../logging/index.js';
import { MetricsHistory } from '../metrics/index.js';
import { SettingsRegistry } from '../settings/index.js';
import { PluginHost } from '../plugin-host/index.js';
import {
  accepts,
  description,
  generator,
  h,
  private as forPlugins,
  provider,
  requireRoles,
  returns,
  type Sender,
  sender,
  unauthenticated,
} from '../sdk/index.js';
import { HOST_PROCESS, type HostProcess, ServerState } from '../system/index.js';
import {
  ABOUT,
  type ConnectedClient,
  CONNECTED_CLIENT,
  EVENT_SOURCE_ROW,
  type EventSourceRow,
  type Figures,
  FIGURES,
  LOG_LEVELS,
  PLUGIN_ROW,
  type PluginRow,
  type ServerAbout,
  type ServerStatus,
  STATUS,
} from '../wire/index.js';
import { DebugCollector } from './debug-collector.js';
import { ownPaths } from './own-paths.js';

/** Base64 of 16 of them, a burst of a stream, stays well below the largest message. */
const ARCHIVE_PIECE_BYTES = 64 * 1_024;

@provider('management')
@description('State and control of the server itself')
export class ManagementService {
  constructor(
    private readonly plugins: PluginHost,
    private readonly settings: SettingsRegistry,
    private readonly eventSources: EventSourceTable,
    private readonly log: LogRoot,
    private readonly gateway: DispatcherGateway,
    private readonly store: DocumentStore,
    private readonly archive: DebugCollector,
    private readonly server: ServerState,
    private readonly history: MetricsHistory,
    @Inject(HOST_PROCESS) private readonly host: HostProcess,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  @description('Answers "pong"; keeps a login alive')
  @accepts()
  @returns(String)
  ping(): string {
    return 'pong';
  }

  @description('Since when the server runs and how many clients are connected')
  @accepts()
  @returns(STATUS)
  async status(): Promise<ServerStatus> {
    const { host, gateway, store } = this;
    return {
      'started-at': host.startedAt.getTime() / 1_000,
      'connected-clients': gateway.connections.size,
      'store-failure': await writeFailureOf(store),
    };
  }

  @description('Which server this is: its version, its machine and its store')
  @accepts()
  @returns(ABOUT)
  @requireRoles('reader')
  about(): ServerAbout {
    const { version, pid, startedAt } = this.host;
    return {
      ...{ version, pid, host: hostname(), node: process.version },
      platform: `${process.platform} ${process.arch}`,
      store: this.store.description,
      'started-at': startedAt.getTime() / 1_000,
      addresses: [...this.server.addresses],
      'http-calls': this.configuration.dispatcher.httpCalls,
    };
  }

  @description(
    'Figures of the last hour, one every five seconds, the oldest first; none without debug mode',
  )
  @accepts()
  @returns(h.array(FIGURES))
  @requireRoles('reader')
  getMetricsHistory(): Figures[] {
    return this.history.samples();
  }

  @description('Returns true as soon as all plugins are loaded')
  @accepts()
  @returns(Boolean)
  async waitReady(): Promise<boolean> {
    await this.server.whenReady();
    return true;
  }

  @description(
    'Reads the code of plugins again from disk; returns when they run, or fails with the first failure',
  )
  @accepts(h.optional(h.nullable(h.array(String))))
  @returns(null)
  @requireRoles('admin')
  async reloadPlugins(names?: string[] | null): Promise<null> {
    await this.plugins.reload(names ?? undefined);
    return null;
  }

  @description(
    'Takes a plugin away until it is enabled again, also over restarts; the names of others that depend on it and run no more',
  )
  @accepts(String)
  @returns(h.array(String))
  @requireRoles('admin')
  disablePlugin(name: string): Promise<string[]> {
    return this.plugins.disable(name);
  }

  @description(
    'Lets a plugin run that was disabled; the names of others that run again with it, or its failure',
  )
  @accepts(String)
  @returns(h.array(String))
  @requireRoles('admin')
  enablePlugin(name: string): Promise<string[]> {
    return this.plugins.enable(name);
  }

  @description('Names of the plugins that are loaded')
  @accepts()
  @returns(h.array(String))
  getPluginNames(): string[] {
    const rows = this.plugins.list();
    return rows.filter(({ state }) => state === 'loaded').map(({ name }) => name);
  }

  @description(
    'All plugins with their state and the stage and the reason where their latest code does not run; with state loaded it is older code that does',
  )
  @accepts()
  @returns(h.array(PLUGIN_ROW))
  getPlugins(): PluginRow[] {
    return this.plugins.list().map((row) => {
      const problems = row.state === 'loaded' ? this.settings.problemsOf(row.name) : [];
      return problems.length === 0 ? row : { ...row, settings: problems };
    });
  }

  @description(
    "The server's own files and folders: its state, keys, configuration, program and plugins. What a plugin does with files for a user is to leave them alone",
  )
  @accepts()
  @returns(h.array(String))
  @forPlugins()
  ownPaths(): string[] {
    return [...ownPaths(this.configuration, this.host.stateDirectory)];
  }

  @description('Names of the registered event sources')
  @accepts()
  @returns(h.array(String))
  getEventSources(): string[] {
    return this.eventSources.entries().map(([name]) => name);
  }

  @description('All event sources: how their loops do and which of their events are wanted')
  @accepts()
  @returns(h.array(EVENT_SOURCE_ROW))
  getEventSourceStates(): EventSourceRow[] {
    return this.eventSources.entries().map(([, source]) => source.status());
  }

  @description('Who is connected')
  @accepts()
  @returns(h.array(CONNECTED_CLIENT))
  getConnectedClients(): ConnectedClient[] {
    return Array.from(this.gateway.connections, ({ sender: client, peer, resource }) => ({
      session_id: client.sessionId,
      user: client.user,
      address: peer.address,
      resource,
    }));
  }

  @description('The address the server sees the caller at')
  @accepts()
  @returns(String)
  @unauthenticated()
  getSenderAddress(@sender() caller: Sender): string {
    return caller.address;
  }

  @description('Logs a session out and closes its connection')
  @accepts(h.integer())
  @returns(null)
  @requireRoles('admin')
  kickSession(session: number, @sender() caller: Sender): null {
    const { gateway } = this;
    if (!gateway.kick(session, `Kicked out by ${caller.user ?? 'the server'}`)) {
      throw coded('SESSION_NOT_FOUND', { session });
    }
    return null;
  }

  @description('Turns on features of this connection')
  @accepts(h.array(String))
  @returns(null)
  enableFeatures(names: string[], @sender() caller: Sender): null {
    const features = names.map(toFeature);
    if (caller instanceof ConnectionSender)
      features.forEach((feature) => caller.connection.enable(feature));
    return null;
  }

  @description('Features that are on for this connection')
  @accepts()
  @returns(h.array(String))
  getEnabledFeatures(@sender() caller: Sender): string[] {
    return caller instanceof ConnectionSender ? [...caller.connection.features] : [];
  }

  @description('Features that can be turned on')
  @accepts()
  @returns(h.array(String))
  getAvailableFeatures(): string[] {
    return [...FEATURES];
  }

  @description(`Changes what is logged, at once: one of ${LOG_LEVELS.join(', ')}`)
  @accepts(String)
  @returns(null)
  @requireRoles('admin')
  setLoggingLevel(level: string): null {
    this.log.setLevel(level);
    return null;
  }

  @description('The present level of the log')
  @accepts()
  @returns(String)
  getLoggingLevel(): string {
    return this.log.level;
  }

  @description(
    'What somebody who is to help should see, secrets hidden: a tar.gz in pieces, to be joined',
  )
  @accepts()
  @returns(h.array(h.binary()))
  @generator()
  @requireRoles('admin')
  async *collectDebug(): AsyncGenerator<Buffer> {
    const archive = await this.archive.collect();
    for (let at = 0; at < archive.length; at += ARCHIVE_PIECE_BYTES) {
      yield archive.subarray(at, at + ARCHIVE_PIECE_BYTES);
    }
  }

  @description('Stops the server in good order')
  @accepts()
  @returns(null)
  @requireRoles('admin')
  shutdown(): null {
    this.host.requestShutdown();
    return null;
  }
}

/** All names are looked at before any feature is turned on. */
function toFeature(name: string): Feature {
  const feature = FEATURES.find((known) => known === name);
  if (feature === undefined) throw coded('INVALID_FEATURE', { feature: name });
  return feature;
}

/** Changes that have failed are tried again, for whoever asks may be the only one who comes by. */
async function writeFailureOf(store: DocumentStore): Promise<string | null> {
  await store.retryWrites();
  return store.writeFailure;
}

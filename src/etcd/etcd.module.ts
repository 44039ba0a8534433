import { fileURLToPath } from 'node:url';
import { type DynamicModule, Module } from '@nestjs/common';
import { DiskCommitEngine } from './engine/index.js';
import { ETCD_HOST, type EtcdHost } from './etcd-host.js';
import { EtcdLifecycle } from './etcd-lifecycle.js';
import { Generator, PluginLoader } from './generation/index.js';
import { DispatcherConnection } from './link/index.js';
import { CommitEngine, EtcdEvents, Redactor } from './model/index.js';
import { FileRendering, RenderWorker } from './rendering/index.js';
import { Restorer } from './restorer.js';

const WORKER = fileURLToPath(new URL('./worker/main.js', import.meta.url));

/** The composition of etcd: which rooms, and what they are handed. */
@Module({})
export class EtcdModule {
  static forRoot(host: EtcdHost): DynamicModule {
    const { settings, logger, url, webSocket, uid, renderUser } = host;
    return {
      module: EtcdModule,
      providers: [
        { provide: ETCD_HOST, useValue: host },
        Redactor,
        Restorer,
        EtcdLifecycle,
        {
          provide: DispatcherConnection,
          useFactory: () => new DispatcherConnection({ url, webSocket, logger }),
        },
        {
          provide: EtcdEvents,
          inject: [DispatcherConnection],
          useFactory: (connection: DispatcherConnection): EtcdEvents => ({
            emit: (name, args) => connection.publish(name, args),
          }),
        },
        {
          provide: RenderWorker,
          useFactory: () =>
            new RenderWorker({ entry: WORKER, user: renderUser, limits: settings.limits, logger }),
        },
        {
          provide: FileRendering,
          inject: [RenderWorker, Redactor],
          useFactory: (worker: RenderWorker, redactor: Redactor) =>
            new FileRendering({
              worker,
              redactor,
              root: settings.root,
              allowedRoots: settings.allowedRoots,
              fileBytes: settings.limits.fileBytes,
            }),
        },
        {
          provide: CommitEngine,
          inject: [EtcdEvents, Redactor, DispatcherConnection, Restorer],
          useFactory: (
            events: EtcdEvents,
            redactor: Redactor,
            link: DispatcherConnection,
            restorer: Restorer,
          ) =>
            new DiskCommitEngine({
              settings,
              events,
              redactor,
              link,
              logger,
              restore: (names) => restorer.restore(names),
            }),
        },
        {
          provide: Generator,
          inject: [FileRendering, CommitEngine, DispatcherConnection, EtcdEvents],
          useFactory: (
            rendering: FileRendering,
            engine: CommitEngine,
            connection: DispatcherConnection,
            events: EtcdEvents,
          ) =>
            new Generator({
              rendering,
              engine,
              events,
              logger,
              data: connection,
              ready: () => connection.ready(),
            }),
        },
        {
          provide: PluginLoader,
          inject: [RenderWorker, DispatcherConnection],
          useFactory: (worker: RenderWorker, connection: DispatcherConnection) =>
            new PluginLoader({
              settings,
              worker,
              logger,
              uid,
              query: (collection) => connection.query(collection, [], {}),
            }),
        },
      ],
      exports: [EtcdLifecycle],
    };
  }
}

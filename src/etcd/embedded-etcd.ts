import { mkdirSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ClientSocketConstructor } from '../client/index.js';
import type { EtcdSection } from '../config/index.js';
import type { Logger } from '../sdk/index.js';
import { EtcdLifecycle } from './etcd-lifecycle.js';
import { EtcdModule } from './etcd.module.js';
import { renderUserOf, settingsOf } from './process/settings-of.js';

const PRIVATE_FOLDER = 0o700;
/** Where the link leads is decided by its sockets. */
const URL = 'ws://dispatcher/socket';

export interface EmbeddedEtcdOptions {
  readonly section: EtcdSection;
  readonly stateDirectory: string;
  readonly logger: Logger;
  readonly uid: number;
  /** Opens connections to the dispatcher around it. */
  readonly webSocket: ClientSocketConstructor;
}

/** etcd as a part of the dispatcher's process: the same module, on a link that leaves no process. */
export class EmbeddedEtcd {
  #isClosed = false;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly lifecycle: EtcdLifecycle,
  ) {}

  /**
   * Resolves when its services answer and the files of the start are made, as the process says that it is
   * ready then.
   *
   * @throws ConfigurationError for a root or a user that is not there; Error when the state is another's
   */
  static async start(options: EmbeddedEtcdOptions): Promise<EmbeddedEtcd> {
    const { section, stateDirectory, logger, uid, webSocket } = options;
    const settings = settingsOf({ etcd: section }, { root: null, stateDirectory });
    const renderUser = renderUserOf(settings.renderUser, uid);
    mkdirSync(stateDirectory, { recursive: true, mode: PRIVATE_FOLDER });
    const parts: { etcd?: EmbeddedEtcd } = {};
    const requestShutdown = (): void => {
      // the answer to the call leaves first
      setImmediate(() => void parts.etcd?.close());
    };
    const host = { settings, logger, uid, renderUser, url: URL, webSocket, requestShutdown };
    const app = await NestFactory.createApplicationContext(EtcdModule.forRoot(host), {
      abortOnError: false,
    });
    const etcd = new EmbeddedEtcd(app, app.get(EtcdLifecycle));
    parts.etcd = etcd;
    try {
      await etcd.lifecycle.start();
    } catch (error) {
      await etcd.close();
      throw error;
    }
    logger.info(`etcd is ready: ${etcd.lifecycle.summary}`);
    return etcd;
  }

  /** Reads plugin directories again. Never rejects. */
  async rescan(): Promise<void> {
    if (!this.#isClosed) await this.lifecycle.rescan();
  }

  /** In order: what is under way ends or is taken back. The dispatcher goes on. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.lifecycle.stop();
    await this.app.close();
  }
}

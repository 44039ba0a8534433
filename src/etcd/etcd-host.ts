import type { ClientSocketConstructor } from '../client/index.js';
import type { Logger } from '../sdk/index.js';
import type { EtcdSettings } from './model/index.js';
import type { RenderUser } from './rendering/index.js';

/** Injection token of {@link EtcdHost}. */
export const ETCD_HOST = Symbol('etcd host');

/** What etcd runs on: in a process of its own, or in that of the dispatcher. */
export interface EtcdHost {
  readonly settings: EtcdSettings;
  /** Where the dispatcher is, and what opens a connection there. */
  readonly url: string;
  readonly webSocket: ClientSocketConstructor;
  readonly logger: Logger;
  /** Whose files are believed, beside root's. */
  readonly uid: number;
  /** Whom renderers run as; null: as this process. */
  readonly renderUser: RenderUser | null;
  /** Somebody wants etcd to end in order. */
  readonly requestShutdown: () => void;
}

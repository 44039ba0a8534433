import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isRecord, messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import type { EtcdSettings } from '../model/index.js';
import { type Catalog, type GroupRow, loadPlugins } from '../plugins/index.js';
import type { RenderWorker } from '../rendering/index.js';
import type { Facts } from '../sdk/index.js';

/** The files that come with the product lie beside the compiled program. */
const SHIPPED = fileURLToPath(new URL('../../../etcd-files', import.meta.url));
const GROUPS_COLLECTION = 'etcd.groups';

export interface PluginLoaderPorts {
  readonly settings: EtcdSettings;
  readonly worker: RenderWorker;
  readonly logger: Logger;
  readonly uid: number;
  /** Rows of `etcd.groups`; rejects while there is no dispatcher. */
  readonly query: (collection: string) => Promise<unknown>;
}

/** Reads plugin directories and the groups that are kept in the dispatcher. */
export class PluginLoader {
  constructor(private readonly ports: PluginLoaderPorts) {}

  /** Never rejects; what is wrong is in the catalog, and in the log. */
  async load(): Promise<Catalog> {
    const { settings, worker, logger, uid } = this.ports;
    const { limits } = settings;
    const facts = await readFacts();
    const catalog = await loadPlugins({
      directories: [...(settings.shippedPlugins ? [SHIPPED] : []), ...settings.pluginDirs],
      root: settings.root,
      allowedRoots: settings.allowedRoots,
      trust: { uid },
      isInsecure: settings.insecurePluginDirs,
      maxFiles: limits.files,
      groupRows: await this.#groupRows(),
      prepare: (directories) => worker.load({ directories, limits, facts }),
      describe: (source) => worker.describe(source),
    });
    for (const warning of catalog.warnings) {
      if (!warning.includes(SHIPPED)) logger.warn(warning);
    }
    for (const { source, message } of catalog.errors) logger.error(message, { source });
    return catalog;
  }

  async #groupRows(): Promise<readonly GroupRow[]> {
    try {
      const rows = await this.ports.query(GROUPS_COLLECTION);
      return Array.isArray(rows) ? rows.filter(isGroupRow) : [];
    } catch (error) {
      this.ports.logger.debug(`Groups are not read: ${messageOf(error)}`);
      return [];
    }
  }
}

function isGroupRow(row: unknown): row is GroupRow {
  return isRecord(row) && typeof row['name'] === 'string' && Array.isArray(row['dependencies']);
}

async function readFacts(): Promise<Facts> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const os = Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, key, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')]];
    }),
  );
  return { hostname: hostname(), os };
}

import { fileURLToPath } from 'node:url';
import type { Logger } from '../../sdk/index.js';
import { PluginLoader } from '../generation/index.js';
import type { EtcdSettings } from '../model/index.js';
import { RenderWorker, type RenderUser } from '../rendering/index.js';

const WORKER = fileURLToPath(new URL('../worker/main.js', import.meta.url));

export interface CheckOptions {
  readonly settings: EtcdSettings;
  readonly uid: number;
  readonly renderUser: RenderUser | null;
  readonly logger: Logger;
}

export interface Checked {
  readonly errors: readonly { readonly source: string; readonly message: string }[];
  readonly warnings: readonly string[];
  readonly files: readonly string[];
  readonly groups: readonly string[];
}

/** Loads plugin directories as the running process does, without a dispatcher. */
export async function check({ settings, uid, renderUser, logger }: CheckOptions): Promise<Checked> {
  const worker = new RenderWorker({
    entry: WORKER,
    user: renderUser,
    limits: settings.limits,
    logger,
  });
  try {
    const loader = new PluginLoader({
      settings,
      worker,
      uid,
      logger,
      query: () => Promise.resolve([]),
    });
    const { errors, warnings, targets, groups } = await loader.load();
    return { errors, warnings, files: [...targets.keys()], groups: [...groups.keys()] };
  } finally {
    worker.close();
  }
}

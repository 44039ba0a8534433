import { join } from 'node:path';
import { DiskCommitEngine, type EnginePorts } from '../../src/etcd/engine/index.js';
import { type EtcdSettings, Redactor } from '../../src/etcd/model/index.js';

export type EngineSettings = Partial<Omit<EtcdSettings, 'limits' | 'drift' | 'backups'>> & {
  readonly limits?: Partial<EtcdSettings['limits']>;
  readonly drift?: Partial<EtcdSettings['drift']>;
  readonly backups?: Partial<EtcdSettings['backups']>;
};

const LIMITS: EtcdSettings['limits'] = {
  fileBytes: 4_194_304,
  renderMs: 5_000,
  validatorMs: 10_000,
  actionMs: 30_000,
  outputBytes: 16_384,
  files: 10_000,
  includeDepth: 8,
};

const silent = (): void => undefined;

/** An engine whose root and state lie in a folder. */
export function engineOn(
  folder: string,
  settings: EngineSettings = {},
  ports: Partial<EnginePorts> = {},
): DiskCommitEngine {
  const { limits, drift, backups, ...rest } = settings;
  return new DiskCommitEngine({
    settings: {
      root: join(folder, 'root'),
      stateDirectory: join(folder, 'state'),
      allowedRoots: [],
      actions: 'run',
      validation: 'enforce',
      limits: { ...LIMITS, ...limits },
      drift: { intervalS: 0, policy: 'report', ...drift },
      backups: { count: 10, maxMib: 64, ...backups },
      ...rest,
    } as EtcdSettings,
    events: { emit: silent },
    link: { isConnected: true, call: () => Promise.resolve(null) },
    logger: { trace: silent, debug: silent, info: silent, warn: silent, error: silent },
    redactor: new Redactor(),
    restore: () => Promise.resolve(),
    ...ports,
  });
}

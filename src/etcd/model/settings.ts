import type { EtcdSection } from '../../config/index.js';

/** The section `etcd` of the configuration with what depends on the machine decided. */
export interface EtcdSettings extends Omit<EtcdSection, 'actions' | 'url'> {
  /** Absolute, without a link in it. */
  readonly root: string;
  readonly actions: 'run' | 'log' | 'off';
  /** Folder for state, 0700. */
  readonly stateDirectory: string;
}

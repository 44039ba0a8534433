import type { Target } from '../model/index.js';

/** A target with the template that goes with its class, below the plugin directory. */
export interface LoadedTarget extends Target {
  readonly template: string | null;
}

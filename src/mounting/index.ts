/**
 * The dispatcher inside another Nest application: the package's `dispatcher/server`. Starts and
 * stops the same server that main.ts runs in a process of its own; adds nothing to what it does.
 */
export { ConfigurationError } from '../config/index.js';
export {
  type AsyncClientModuleOptions,
  type ClientModuleOptions,
  DispatcherClientModule,
} from './client.module.js';
export { DispatcherClient } from '../client/index.js';
export { DispatcherExceptionFilter, toHttpException } from './exception.filter.js';
export { DispatcherHealthIndicator, type HealthResult } from './health.indicator.js';
export { DispatcherModule } from './dispatcher.module.js';
export type { AsyncModuleOptions, ModuleOptions, ServerSettings } from './module-options.js';
export { DispatcherServer } from './dispatcher-server.js';

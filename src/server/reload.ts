import { isDeepStrictEqual } from 'node:util';
import type { RunningServer } from './application.js';
import { messageOf } from '../common/index.js';
import { ConfigurationError, type DispatcherConfiguration } from '../config/index.js';
import type { Logger } from '../sdk/index.js';

export interface ReloadOptions {
  readonly configuration: DispatcherConfiguration;
  /** Reads the configuration file again. @throws ConfigurationError */
  readonly readConfiguration: () => DispatcherConfiguration;
  readonly logger: Logger;
}

/**
 * What SIGHUP asks for: the certificate and the plugins are read again. The configuration is looked
 * at, so that a mistake in it is told now and not at the next start; what runs goes on with the one
 * it started with, whatever the file says.
 */
export async function reloadServer(server: RunningServer, options: ReloadOptions): Promise<void> {
  checkConfiguration(options);
  try {
    server.reloadCertificate();
  } catch (error) {
    options.logger.error(`${messageOf(error)}: the present one stays in use`);
  }
  await server.reloadPlugins().catch(() => undefined); // the plugin host has logged each failure
}

function checkConfiguration({ configuration, readConfiguration, logger }: ReloadOptions): void {
  try {
    if (isDeepStrictEqual(readConfiguration(), configuration)) return;
    logger.warn('The configuration has changed: that takes effect at the next start');
  } catch (error) {
    const problems = error instanceof ConfigurationError ? error.problems : [messageOf(error)];
    logger.error(`The configuration is not valid, the present one stays: ${problems.join('; ')}`);
  }
}

import { Global, Module } from '@nestjs/common';
import { METRICS_FAILURE } from '../metrics/index.js';
import type { Logger } from '../sdk/index.js';
import { LogRoot } from './log-root.js';
import { SERVER_LOGGER } from './server-logger.js';

/** The server's own log, for every room; where its lines go is decided before there is any Nest. */
@Global()
@Module({
  providers: [
    {
      provide: SERVER_LOGGER,
      useFactory: (log: LogRoot) => log.create({ component: 'server' }),
      inject: [LogRoot],
    },
    {
      provide: METRICS_FAILURE,
      useFactory: (logger: Logger) => (error: unknown) =>
        logger.error('Metrics could not be collected', { error }),
      inject: [SERVER_LOGGER],
    },
  ],
  exports: [SERVER_LOGGER, METRICS_FAILURE],
})
export class LoggingModule {}

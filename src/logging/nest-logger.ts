import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../sdk/index.js';

/**
 * Sends what Nest itself has to say into the server's log. Its informative lines (modules, routes)
 * are of interest only to somebody who debugs the server.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug(String(message), { context });
  }

  debug(message: unknown, context?: unknown): void {
    this.logger.debug(String(message), { context });
  }

  verbose(message: unknown, context?: unknown): void {
    this.logger.trace(String(message), { context });
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn(String(message), { context });
  }

  error(message: unknown, ...details: readonly unknown[]): void {
    // what Nest's own handler logs it also throws: whoever catches that logs it with its cause
    if (details.includes('ExceptionHandler')) return;
    const error = message instanceof Error ? { error: message } : {};
    this.logger.error(message instanceof Error ? message.message : String(message), {
      ...error,
      details,
    });
  }

  fatal(message: unknown, ...details: readonly unknown[]): void {
    this.error(message, ...details);
  }
}

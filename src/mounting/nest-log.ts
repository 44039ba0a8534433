import { Logger as NestLog } from '@nestjs/common';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly component?: string;
  readonly plugin?: string;
  readonly error?: { readonly stack?: string };
}

/** Hands the dispatcher's lines to the application's log, whatever that is. */
export const nestLog = {
  write(text: string): void {
    const { level, msg, component, plugin, error, ...fields } = parsed(text);
    const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
    const context = `dispatcher ${plugin ?? component ?? ''}`.trim();
    write(level, { message: msg + rest, context, stack: error?.stack });
  },
};

function parsed(text: string): Line {
  const { time, ...line } = JSON.parse(text) as Line & { readonly time: string };
  void time; // the application's log has its own
  return line;
}

interface Entry {
  readonly message: string;
  readonly context: string;
  readonly stack: string | undefined;
}

function write(level: string, { message, context, stack }: Entry): void {
  switch (level) {
    case 'trace':
      return NestLog.verbose(message, context);
    case 'debug':
      return NestLog.debug(message, context);
    case 'warn':
      return NestLog.warn(stack === undefined ? message : `${message}\n${stack}`, context);
    case 'error':
      return NestLog.error(message, stack, context);
    case 'fatal':
      return NestLog.fatal(message, stack, context);
    default:
      return NestLog.log(message, context);
  }
}

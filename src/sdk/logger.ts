/**
 * A plugin's log, marked with the plugin's name. The first argument is the sentence, the second
 * whatever fields belong to it; an Error under `error` is written with its stack.
 *
 * @example
 * this.logger.warn('Disk is nearly full', { disk: 'da0', percent: 97 });
 */
export abstract class Logger {
  abstract trace(message: string, fields?: LogFields): void;
  abstract debug(message: string, fields?: LogFields): void;
  abstract info(message: string, fields?: LogFields): void;
  abstract warn(message: string, fields?: LogFields): void;
  abstract error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

import { Logger as NestLog } from '@nestjs/common';

interface Line {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly component?: string;
  readonly plugin?: string;
  readonly error?: { readonly stack?: string };
}

type Write = (message: string, context: string) => void;

const WRITERS = new Map<string, Write>([
  ['trace', (message, context) => NestLog.verbose(message, context)],
  ['debug', (message, context) => NestLog.debug(message, context)],
  ['warn', (message, context) => NestLog.warn(message, context)],
  ['error', (message, context) => NestLog.error(message, undefined, context)],
  ['fatal', (message, context) => NestLog.fatal(message, undefined, context)],
]);

/** Hands the dispatcher's lines to the application's log, whatever that is. */
export const nestLog = {
  write(text: string): void {
    const line = JSON.parse(text) as Line;
    const write = WRITERS.get(line.level) ?? NestLog.log.bind(NestLog);
    write(messageOf(line), `dispatcher ${line.plugin ?? line.component ?? ''}`.trim());
  },
};

/** The sentence, the fields that belong to it, the stack: what a line of text can hold. */
function messageOf({ msg, error, ...line }: Line): string {
  const shown = new Set(['time', 'level', 'component', 'plugin']); // said elsewhere in the line
  const fields = Object.entries(line).filter(([name]) => !shown.has(name));
  const rest = fields.length === 0 ? '' : ` ${JSON.stringify(Object.fromEntries(fields))}`;
  return msg + rest + (error?.stack === undefined ? '' : `\n${error.stack}`);
}

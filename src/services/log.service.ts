import { LogRoot } from '../logging/index.js';
import {
  accepts,
  description,
  generator,
  h,
  type Infer,
  provider,
  requireRoles,
  returns,
  signal,
} from '../sdk/index.js';
import { LOG_LEVELS, LOG_RECORD, type LogRecord } from '../wire/index.js';
import { LogReader } from './log-reader.js';

const DEFAULT_TAIL = 200;

const CHOICE = h.object({
  level: h.optional(h.enumOf(LOG_LEVELS, { description: 'The least severe level to see' })),
  component: h.optional(h.string({ description: 'Only lines of this part of the server' })),
  text: h.optional(
    h.string({ maxLength: 256, description: 'Only lines that have this in what they say' }),
  ),
  tail: h.optional(
    h.integer({ minimum: 0, maximum: 1_000, description: 'How many past lines come first' }),
  ),
});
type Choice = Infer<typeof CHOICE>;

@provider('log')
@description("The server's own log")
export class LogService {
  constructor(private readonly log: LogRoot) {}

  @description('The latest lines of the log, oldest first')
  @accepts(h.optional(CHOICE))
  @returns(h.array(LOG_RECORD))
  @requireRoles('admin')
  recent(choice: Choice = {}): LogRecord[] {
    const lines = this.log.tail.recent().filter(matcher(choice));
    const { tail = DEFAULT_TAIL } = choice;
    return tail === 0 ? [] : lines.slice(-tail);
  }

  @description('The latest lines of the log, then each one as it is written, until it is stopped')
  @accepts(h.optional(CHOICE))
  @returns(h.array(LOG_RECORD))
  @generator()
  @requireRoles('admin')
  async *follow(choice: Choice = {}, @signal() stop: AbortSignal): AsyncGenerator<LogRecord> {
    const matches = matcher(choice);
    const reader = new LogReader(stop);
    const end = this.log.tail.watch((line) => matches(line) && reader.push(line));
    try {
      yield* this.recent(choice);
      yield* reader.lines();
    } finally {
      end();
    }
  }
}

function matcher({ level, component, text }: Choice): (line: LogRecord) => boolean {
  const least = level === undefined ? 0 : rank(level);
  return (line) =>
    rank(line.level) >= least &&
    (component === undefined || line.component === component) &&
    (text === undefined || says(line, text));
}

function says({ message, fields }: LogRecord, text: string): boolean {
  return message.includes(text) || JSON.stringify(fields).includes(text);
}

function rank(level: string): number {
  return LOG_LEVELS.findIndex((known) => known === level);
}

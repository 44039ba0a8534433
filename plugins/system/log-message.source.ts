import { description, eventSource, WatchingSource } from 'dispatcher';
import { LogBatch } from './log/log-batch.js';
import { LogOpener } from './log/log-opener.js';
import type { LogReader } from './log/log.reader.js';

export const LOG_MESSAGE = 'system.log.message';

const INTERVAL_MS = 1000;
/** What is published of one interval at most. */
const LIMIT = 200;
const WARNING = 4;

@description(
  'Published for each new line of the system log; past 200 a second, for the number of the others',
)
@eventSource(LOG_MESSAGE)
export class LogMessageSource extends WatchingSource {
  #hasComplained = false;

  constructor(private readonly logs: LogOpener) {
    super();
  }

  protected override async watch(signal: AbortSignal): Promise<void> {
    const log = await this.logs.open();
    if (log === null) {
      this.#complain();
      return;
    }
    this.logger.debug('Following the system log', { place: log.place });
    const batch = new LogBatch(LIMIT);
    try {
      for (;;) {
        await this.pause(INTERVAL_MS, signal);
        await log.read(batch);
        this.#publish(log.source, batch);
      }
    } finally {
      await log.close();
    }
  }

  #publish(source: LogReader['source'], batch: LogBatch): void {
    const { records, dropped } = batch.take();
    for (const record of records) this.emit(LOG_MESSAGE, { source, ...record, dropped: 0 });
    if (dropped === 0) return;
    this.emit(LOG_MESSAGE, {
      source,
      sequence: null,
      priority: WARNING,
      facility: null,
      identifier: null,
      timestamp: new Date(),
      text: `${dropped} messages came too fast and were left out`,
      dropped,
    });
  }

  #complain(): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.logger.warn('No system log can be read: neither the kernel log, nor a journal or syslog', {
      event: LOG_MESSAGE,
    });
  }
}

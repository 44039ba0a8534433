import { description, eventSource, WatchingSource } from 'dispatcher';
import { LoadMeter } from './readers/load.reader.js';
import { readMemory } from './readers/memory.js';
import { DEFAULT_SECONDS, INTERVAL_KEY, tickSeconds } from './readers/tick-interval.js';
import type { SystemLoadTick } from './schemas/system-load.schema.js';

export const LOAD_TICK = 'system.load.tick';

@description('Published every five seconds, or as often as the key "system.load.interval" says')
@eventSource(LOAD_TICK)
export class LoadTickSource extends WatchingSource {
  /** The value that was complained of, so that one mistake is one line in the log. */
  #refused: unknown;

  protected override async watch(signal: AbortSignal): Promise<void> {
    // Of its own: a call of system.load in between would cut the time that a tick tells about short
    const meter = new LoadMeter();
    await meter.read();
    for (let seconds = await this.#interval(); ;) {
      await this.pause(seconds * 1000, signal);
      const { averages, busy_percent, cpus } = await meter.read();
      const memory = await readMemory();
      seconds = await this.#interval();
      const tick: SystemLoadTick = {
        averages,
        busy_percent,
        cpus,
        memory,
        interval_seconds: seconds,
      };
      this.emit(LOAD_TICK, tick);
    }
  }

  /** Read for each tick: a new value counts from the next one on. */
  async #interval(): Promise<number> {
    const value = await this.configstore.get<unknown>(INTERVAL_KEY, DEFAULT_SECONDS);
    const seconds = tickSeconds(value);
    if (seconds === null && value !== this.#refused) {
      this.logger.warn(`${INTERVAL_KEY} must be whole seconds from 1 to 300; using the default`, {
        value,
        default: DEFAULT_SECONDS,
      });
    }
    this.#refused = seconds === null ? value : undefined;
    return seconds ?? DEFAULT_SECONDS;
  }
}

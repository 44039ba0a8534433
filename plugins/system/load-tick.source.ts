import {
  description,
  eventSource,
  InjectSettings,
  type Settings,
  WatchingSource,
} from 'dispatcher';
import { LoadMeter } from './readers/load.reader.js';
import { readMemory } from './readers/memory.js';
import type { SystemLoadTick } from './schemas/system-load.schema.js';
import { LoadSettings } from './system.settings.js';

export const LOAD_TICK = 'system.load.tick';

@description('Published every five seconds, or as often as the setting "system.load.interval" says')
@eventSource(LOAD_TICK)
export class LoadTickSource extends WatchingSource {
  constructor(@InjectSettings(LoadSettings) private readonly settings: Settings<LoadSettings>) {
    super();
  }

  protected override async watch(signal: AbortSignal): Promise<void> {
    // Of its own: a call of system.load in between would cut the time that a tick tells about short
    const meter = new LoadMeter();
    await meter.read();
    for (let seconds = this.settings.value.interval; ;) {
      await this.pause(seconds * 1000, signal);
      const { averages, busy_percent, cpus } = await meter.read();
      const memory = await readMemory();
      seconds = this.settings.value.interval; // a new one counts from the next tick on
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
}

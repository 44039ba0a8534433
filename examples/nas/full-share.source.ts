import { description, eventSource, InjectSettings, Settings, WatchingSource } from 'dispatcher';
import { NasSettings } from './nas.settings.js';
import { type ShareRow, SHARES } from './share.schema.js';

const PAUSE_MS = 10_000;

/** Watches as long as somebody listens, and tells of each share once until it has room again. */
@description('A share has more bytes than the setting nas.limit_bytes allows')
@eventSource('nas.share.full')
export class FullShareSource extends WatchingSource {
  constructor(@InjectSettings(NasSettings) private readonly settings: Settings<NasSettings>) {
    super();
  }

  protected override async watch(signal: AbortSignal): Promise<void> {
    let told = new Set<string>();
    for (;;) {
      const { limit_bytes } = this.settings.value;
      const full = await this.datastore.query<ShareRow>(SHARES, [['used_bytes', '>', limit_bytes]]);
      for (const { id, used_bytes } of full) {
        if (!told.has(id)) this.emit('nas.share.full', { name: id, used_bytes, limit_bytes });
      }
      told = new Set(full.map(({ id }) => id));
      await this.pause(PAUSE_MS, signal);
    }
  }
}

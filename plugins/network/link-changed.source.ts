import { description, eventSource, WatchingSource } from 'dispatcher';
import { KernelNews } from './readers/kernel-news.js';
import { linkChanges } from './readers/link-changes.js';
import { readLinks } from './readers/links.reader.js';

export const LINK_CHANGED = 'network.link.changed';

/** The kernel says when, a reading says what: see {@link KernelNews}. */
@description('Published when a network interface came, went, went up or down, or was changed')
@eventSource(LINK_CHANGED)
export class LinkChangedSource extends WatchingSource {
  constructor(private readonly news: KernelNews) {
    super();
  }

  protected override async watch(signal: AbortSignal): Promise<void> {
    let links = await readLinks();
    const compare = async (): Promise<void> => {
      // what cannot be read now says nothing: the next reading is held against the last one
      const latest = await readLinks().catch(() => links);
      for (const change of linkChanges(links, latest)) this.emit(LINK_CHANGED, change);
      links = latest;
    };
    await this.news.follow('link', compare, { signal, pause: (ms) => this.pause(ms, signal) });
  }
}

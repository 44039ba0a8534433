import { accepts, type Claims, description, h, returns, Task, task } from 'dispatcher';
import { ShareFolders } from './share.folders.js';
import { shareName, shareResource, SHARES } from './share.schema.js';

/** In a process of its own, which is the default: it may take long, and harms nobody if it crashes. */
@description('Measures how much of the disk a share uses')
@task('nas.share.measure')
@accepts(shareName)
@returns(h.integer())
export class MeasureShareTask extends Task {
  constructor(private readonly folders: ShareFolders) {
    super();
  }

  override describe(name: string): string {
    return `Measuring the share ${name}`;
  }

  /** Shared: several may read it at once, nobody removes it meanwhile. */
  override verify(name: string): Claims {
    return [{ resource: shareResource(name), mode: 'shared' }];
  }

  async run(name: string): Promise<number> {
    const used_bytes = await this.folders.usedBytes(name, this.signal);
    await this.datastore.update(SHARES, name, { used_bytes });
    this.dispatcher.emitEvent('nas.share.changed', { operation: 'update', ids: [name] });
    return used_bytes;
  }
}

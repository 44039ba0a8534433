import { accepts, type Claims, description, Errno, Task, task, TaskException } from 'dispatcher';
import { ShareFolders } from './share.folders.js';
import { shareName, shareResource, SHARES } from './share.schema.js';

@description('Removes an empty share and its folder')
@task('nas.share.remove', { executor: 'inline' })
@accepts(shareName)
export class RemoveShareTask extends Task {
  constructor(private readonly folders: ShareFolders) {
    super();
  }

  override describe(name: string): string {
    return `Removing the share ${name}`;
  }

  override verify(name: string): Claims {
    return [shareResource(name)];
  }

  async run(name: string): Promise<void> {
    try {
      await this.folders.remove(name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY') {
        throw new TaskException(
          Errno.EBUSY,
          `There are files in the share ${name}: remove them first`,
        );
      }
      if (code !== 'ENOENT') throw error;
    }
    await this.datastore.delete(SHARES, name);
    await this.dispatcher.unregisterResource(shareResource(name));
    this.dispatcher.emitEvent('nas.share.changed', { operation: 'delete', ids: [name] });
  }
}

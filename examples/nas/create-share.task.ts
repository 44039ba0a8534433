import {
  accepts,
  type Claims,
  description,
  Errno,
  returns,
  Task,
  task,
  TaskException,
  VerifyException,
} from 'dispatcher';
import { ShareFolders } from './share.folders.js';
import { ALL_SHARES, BEFORE_CREATE, NewShare, shareResource, SHARES } from './share.schema.js';

/** `inline`, in the server: it only waits for the disk, and a moment at most. */
@description('Makes a share and its folder')
@task('nas.share.create', { executor: 'inline' })
@accepts(NewShare)
@returns(String)
export class CreateShareTask extends Task {
  #hasFolder = false;

  constructor(private readonly folders: ShareFolders) {
    super();
  }

  override describe({ name }: NewShare): string {
    return `Making the share ${name}`;
  }

  override async verify({ name }: NewShare): Promise<Claims> {
    if (await this.datastore.exists(SHARES, [['id', '=', name]])) {
      throw new VerifyException(Errno.EEXIST, `There is a share ${name} already`);
    }
    return [ALL_SHARES];
  }

  async run(share: NewShare): Promise<string> {
    if (!(await this.dispatcher.runHook(BEFORE_CREATE, share))) {
      throw new TaskException(Errno.EPERM, `A plugin does not want the share ${share.name}`);
    }
    const { name, comment = null, read_only } = share;
    await this.folders.make(name);
    this.#hasFolder = true;
    await this.datastore.insert(SHARES, { id: name, comment, read_only, used_bytes: null });
    await this.dispatcher.registerResource(shareResource(name), { parents: [ALL_SHARES] });
    this.dispatcher.emitEvent('nas.share.changed', { operation: 'create', ids: [name] });
    return name;
  }

  override async rollback({ name }: NewShare): Promise<void> {
    if (this.#hasFolder) await this.folders.remove(name);
    await this.datastore.delete(SHARES, name);
  }
}

import {
  accepts,
  type Claims,
  description,
  Errno,
  InjectSettings,
  requireRoles,
  returns,
  type Settings,
  Task,
  task,
  TaskException,
} from 'dispatcher';
import { FilesSettings } from '../files.settings.js';
import { withLocated } from '../handles/locate.js';
import type { Located } from '../handles/located.js';
import type { Reach } from '../handles/reach.js';
import { reachOf } from '../handles/task-reach.js';
import { FileChecksum, FileDigest } from '../schemas/file-tasks.schema.js';
import { ByteMeter } from '../tree/byte-meter.js';
import { claimPaths } from '../tree/path-claims.js';
import { TreeDigest } from '../tree/tree-digest.js';
import { refuseNothing, sizeOfTree } from '../tree/tree-totals.js';

@description('Computes a checksum of a file or a tree')
@task('files.checksum', { abortable: true })
@accepts(FileChecksum)
@returns(FileDigest)
@requireRoles('operator')
export class FileChecksumTask extends Task {
  @InjectSettings(FilesSettings) readonly settings!: Settings<FilesSettings>;
  static override readonly earlyDescribe = 'Computing a checksum';

  override describe({ source, algorithm }: FileChecksum): string {
    return `Computing the ${algorithm ?? 'sha256'} of ${source}`;
  }

  override verify({ source }: FileChecksum): Promise<Claims> {
    return claimPaths(this, { reads: [source] });
  }

  override async run(arg: FileChecksum): Promise<FileDigest> {
    const reach = await reachOf(this);
    return withLocated(arg.source, reach, (source) => this.#compute(source, { arg, reach }));
  }

  async #compute(
    source: Located,
    { arg, reach }: { readonly arg: FileChecksum; readonly reach: Reach },
  ): Promise<FileDigest> {
    const algorithm = arg.algorithm ?? 'sha256';
    const { signal } = this;
    const options = { signal, reach, crossesFileSystems: arg.cross_file_systems === true };
    const meter = new ByteMeter(this, 'Read', await sizeOfTree(source, options));
    const reading = new TreeDigest(source, {
      ...options,
      algorithm,
      meter,
      onWarning: (path, reason) => this.addWarning(Errno.EIO, `${path}: ${reason}`, { path }),
    });
    const found = await reading.compute();
    refuseNothing('read', found, arg.source);
    meter.finish();
    assertExpected(found.digest, arg);
    return { algorithm, ...found };
  }
}

function assertExpected(digest: string, { source, expected, algorithm }: FileChecksum): void {
  if (expected === undefined || expected === null || expected.toLowerCase() === digest) return;
  throw new TaskException(
    Errno.EBADMSG,
    `The ${algorithm ?? 'sha256'} of ${source} is ${digest}, not ${expected}: its content is another`,
    { path: source, digest, expected },
  );
}

import { chmod, chown, link, lstat, mkdtemp, readFile, rm, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { accountId } from '../../auth/index.js';

export interface UnixSocketOptions {
  readonly path: string;
  /** The group that may connect besides the owner; null: the one of the process. */
  readonly group: string | null;
}

const SOCKET_MODE = 0o660;
/** What fits into `sockaddr_un`; Node cuts a longer path off without a word. */
const LONGEST_PATH = 107;
/** Tells chown to leave the owner as it is. */
const UNCHANGED = -1;

/**
 * The socket file of a server. A socket is born with the permissions of the umask, so it is made in
 * a folder that only its owner may enter, gets its mode and group there, and appears at its path
 * finished. It appears by a hard link: unlike a rename that never replaces what is already there.
 */
export class UnixSocketFile {
  private constructor(
    private readonly path: string,
    private readonly identity: string,
  ) {}

  /**
   * Makes `server` listen on the path. A socket that nobody listens on any more is replaced.
   *
   * @throws Error with a `code` such as EADDRINUSE, or naming the group that does not exist
   */
  static async listen(server: Server, { path, group }: UnixSocketOptions): Promise<UnixSocketFile> {
    refuseLongPath(path);
    const gid = group === null ? null : await groupId(group);
    await removeStaleSocket(path);
    const folder = await mkdtemp(`${dirname(path)}/.`);
    try {
      const draft = `${folder}/s`;
      await listening(server, draft);
      await chmod(draft, SOCKET_MODE);
      if (gid !== null) await chown(draft, UNCHANGED, gid);
      await link(draft, path);
      return new UnixSocketFile(path, await identityOf(path));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /**
   * Removes the file unless another server has put its own there. Only right while the server still
   * listens: after that the number of our inode may already belong to somebody else's socket.
   */
  async remove(): Promise<void> {
    await unlinkIf(this.path, this.identity);
  }
}

/** The gid of a group of this machine. @throws Error naming the group when there is none */
async function groupId(group: string): Promise<number> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  const gid = accountId(text, group);
  if (gid === null) throw new Error(`unix-socket-group: this machine has no group ${group}`);
  return gid;
}

function refuseLongPath(path: string): void {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return;
  throw Object.assign(new Error(`${path} is too long`), { code: 'ENAMETOOLONG' });
}

function listening(server: Server, path: string): Promise<void> {
  refuseLongPath(path);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A socket file that nobody listens on is what a killed server left behind. */
async function removeStaleSocket(path: string): Promise<void> {
  const identity = await identityOf(path);
  if (identity !== '' && (await isRefused(path))) await unlinkIf(path, identity);
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

async function unlinkIf(path: string, identity: string): Promise<void> {
  if ((await identityOf(path)) === identity) await unlink(path).catch(() => undefined);
}

/** Which socket is at a path; empty when there is none, or something that is no socket. */
async function identityOf(path: string): Promise<string> {
  const found = await lstat(path, { bigint: true }).catch(() => null);
  return found?.isSocket() === true ? `${found.dev}:${found.ino}` : '';
}

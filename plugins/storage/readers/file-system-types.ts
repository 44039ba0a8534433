/** Made of the kernel's own facts: there is no size to ask for, and asking autofs would mount. */
const WITHOUT_SIZE: ReadonlySet<string> = new Set([
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'efivarfs',
  'fusectl',
  'mqueue',
  'nsfs',
  'proc',
  'pstore',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'sysfs',
  'tracefs',
]);

/** Answered by a server, or by a program: either may never answer. */
const REMOTE =
  /^(?:9p|afs|beegfs|ceph|cifs|coda|fuse(?:blk)?(?:\..+)?|glusterfs|gpfs|lustre|nfs4?|orangefs|smb3|smbfs|virtiofs)$/;

/** How the size of a file system can be asked for. */
export type Reach = 'none' | 'local' | 'remote';

export function reachOf(type: string): Reach {
  if (WITHOUT_SIZE.has(type)) return 'none';
  return REMOTE.test(type) ? 'remote' : 'local';
}

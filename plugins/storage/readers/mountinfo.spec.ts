import { describe, expect, it } from 'vitest';
import { parseMountInfo } from './mountinfo.js';

const ROOT = '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro';

describe('/proc/self/mountinfo', () => {
  it('gives place, source, options of mount and file system, and the tree', () => {
    expect(parseMountInfo(`${ROOT}\n`)).toEqual([
      {
        id: 27,
        parent_id: 1,
        target: '/',
        source: '/dev/vda',
        root: '/',
        type: 'ext4',
        options: ['rw', 'relatime', 'errors=remount-ro'],
        is_read_only: false,
        device_number: '254:0',
      },
    ]);
  });

  it.each([
    ['36 35 98:0 / /mnt rw - ext3 /dev/a rw', 'no optional field'],
    ['36 35 98:0 / /mnt rw shared:1 - ext3 /dev/a rw', 'one'],
    ['36 35 98:0 / /mnt rw shared:1 master:2 unbindable - ext3 /dev/a rw', 'three'],
  ])('is read from %j with %s', (line) => {
    expect(parseMountInfo(line)).toMatchObject([
      { target: '/mnt', type: 'ext3', source: '/dev/a' },
    ]);
  });

  it('has the spaces, line feeds, backslashes and hashes of paths back in their places', () => {
    const line = String.raw`40 27 0:50 /a\040b /mnt/My\040Disk\134\012\043\011x rw - nfs4 nas:/My\040Files rw`;
    expect(parseMountInfo(line)).toMatchObject([
      { root: '/a b', target: '/mnt/My Disk\\\n#\tx', source: 'nas:/My Files' },
    ]);
  });

  it('does not unescape twice', () => {
    const line = String.raw`40 27 0:50 / /mnt/\134040 rw - tmpfs none rw`;
    expect(parseMountInfo(line)[0]?.target).toBe(String.raw`/mnt/\040`);
  });

  it('says read-only when either the mount or the file system is', () => {
    const isReadOnly = (line: string) => parseMountInfo(line)[0]?.is_read_only;
    expect(isReadOnly('1 0 0:1 / /a ro,nosuid - ext4 /dev/a rw')).toBe(true);
    expect(isReadOnly('1 0 0:1 / /a rw - iso9660 /dev/a ro')).toBe(true);
    expect(isReadOnly('1 0 0:1 / /a rw,errors=ro - ext4 /dev/a rw')).toBe(false);
  });

  it('accepts an empty source, and a mount point that is a hyphen', () => {
    expect(parseMountInfo('1 0 0:1 / /- rw - tmpfs  rw')).toMatchObject([
      { target: '/-', source: '', type: 'tmpfs' },
    ]);
  });

  it.each([
    '',
    'x',
    '1 2 3:4',
    '1 0 0:1 / /a rw - ',
    '1 0 0:1 / /a rw ext4 /dev/a',
    'a b c:d / /a rw - x y z',
  ])('skips %j, which has another form', (line) => {
    expect(parseMountInfo(`${line}\n${ROOT}`)).toHaveLength(1);
  });
});

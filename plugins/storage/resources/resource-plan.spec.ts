import { conflictsBetween, expectConflict, expectNoConflict } from 'dispatcher/testing';
import { describe, expect, it } from 'vitest';
import { parseMountInfo } from '../readers/mountinfo.js';
import type { DeviceType } from '../schemas/storage-device.schema.js';
import { MountedPaths } from './mounted-paths.js';
import { type PlannedDevice, planResources } from './resource-plan.js';

const MOUNTS = `
22 1 8:1 / / rw - ext4 /dev/root rw
23 22 0:20 / /proc rw - proc proc rw
24 22 253:0 / /srv rw - xfs /dev/mapper/vg-data rw
25 22 8:1 /home/shared /export rw - ext4 /dev/sda1 rw
26 22 7:0 / /mnt/image rw - iso9660 /dev/loop0 ro
27 22 0:40 / /tmp rw - tmpfs tmpfs rw
`;

function device(name: string, type: DeviceType, more: Partial<PlannedDevice> = {}): PlannedDevice {
  return {
    name,
    path: `/dev/${name}`,
    type,
    alias: null,
    backing_file: null,
    parents: [],
    ...more,
  };
}

// one disk with the system, two whose mirror carries an encrypted volume, an image in a file on that
const DEVICES = [
  device('loop0', 'loop', { backing_file: '/srv/images/a.iso' }),
  device('dm-0', 'crypt', { alias: 'vg-data', parents: ['md0'] }),
  device('md0', 'raid', { parents: ['sdb', 'sdc'] }),
  device('sda', 'disk'),
  device('sda1', 'partition', { parents: ['sda'] }),
  device('sdb', 'disk'),
  device('sdc', 'disk'),
];
const mounted = new MountedPaths(parseMountInfo(MOUNTS));
const plan = (...paths: string[]) =>
  planResources({
    devices: DEVICES,
    mounted,
    deviceNames: new Map([['8:1', 'sda1']]),
    paths,
  });
const graphOf = (...paths: string[]) => Object.fromEntries(plan(...paths));

describe('the resources of a machine', () => {
  it('hang from what carries to what is carried', () => {
    expect(graphOf()).toEqual({
      'disk:/dev/sda': [],
      'partition:/dev/sda1': ['disk:/dev/sda'],
      'filesystem:/': ['partition:/dev/sda1'],
      'disk:/dev/sdb': [],
      'disk:/dev/sdc': [],
      'raid:/dev/md0': ['disk:/dev/sdb', 'disk:/dev/sdc'],
      'crypt:/dev/dm-0': ['raid:/dev/md0'],
      'filesystem:/srv': ['crypt:/dev/dm-0'],
      'loop:/dev/loop0': ['filesystem:/srv'],
      'filesystem:/mnt/image': ['loop:/dev/loop0'],
      'filesystem:/tmp': [],
    });
  });

  it('come in an order in which they can be registered', () => {
    const seen = new Set<string>();
    for (const [name, parents] of plan('/srv/a/b', '/srv/a')) {
      for (const parent of parents) expect(seen).toContain(parent);
      seen.add(name);
    }
  });

  it('leave out an edge that would close a cycle', () => {
    const strange = planResources({
      devices: [
        device('a', 'mapped', { parents: ['b'] }),
        device('b', 'mapped', { parents: ['a'] }),
      ],
      mounted: new MountedPaths([]),
      deviceNames: new Map(),
      paths: [],
    });
    expect(strange.size).toBe(2);
    expect([...strange.values()].flat()).toHaveLength(1);
  });
});

describe('a path', () => {
  it('lies on the innermost file system, under one name', () => {
    expect(mounted.placeOf('/srv/a')).toMatchObject({
      path: '/srv/a',
      fileSystem: { resource: 'filesystem:/srv' },
    });
    expect(mounted.placeOf('/srvx').fileSystem?.resource).toBe('filesystem:/');
    expect(mounted.placeOf('/proc/1')).toEqual({ path: '/proc/1', fileSystem: null });
    expect(mounted.placeOf('/export/b')).toMatchObject({
      path: '/home/shared/b',
      fileSystem: { resource: 'filesystem:/' },
    });
  });

  it('hangs on the nearest path above it that is claimed, and on its file system', () => {
    expect(graphOf('/srv/a', '/srv/a/b/c', '/', '/srv/a/b/c/d', '/proc/x')).toMatchObject({
      'path:/': ['filesystem:/'],
      'path:/srv/a': ['path:/', 'filesystem:/srv'],
      'path:/srv/a/b/c': ['path:/srv/a'],
      'path:/srv/a/b/c/d': ['path:/srv/a/b/c'],
      'path:/proc/x': ['path:/'],
    });
  });
});

describe('tasks that claim paths', () => {
  const shared = (path: string) => ({ resource: `path:${path}`, mode: 'shared' }) as const;
  const graph = graphOf('/srv/one', '/srv/two', '/srv/one/deep', '/srv/out', '/srv/out2');
  const copyOne = [shared('/srv/one'), 'path:/srv/out'];

  it('run side by side on one file system when they make different things', () => {
    expectNoConflict(copyOne, [shared('/srv/one'), 'path:/srv/out2'], graph);
    expectNoConflict(copyOne, [shared('/srv/two')], graph);
  });

  it('wait for who makes what they read, and for who makes the same', () => {
    expectConflict(copyOne, [shared('/srv/out')], graph);
    expectConflict(copyOne, ['path:/srv/out'], graph);
    expectConflict(copyOne, ['path:/srv/one/deep'], graph);
  });

  it('keep the file system and every disk below it from being taken away', () => {
    for (const carrier of ['filesystem:/srv', 'crypt:/dev/dm-0', 'disk:/dev/sdb', 'root']) {
      expectConflict(copyOne, [carrier], graph);
    }
    expectNoConflict(copyOne, ['disk:/dev/sda'], graph);
    expect(conflictsBetween(copyOne, ['disk:/dev/sdc'], graph)[0]).toMatchObject({
      path: expect.arrayContaining(['disk:/dev/sdc', 'filesystem:/srv']) as string[],
    });
  });
});

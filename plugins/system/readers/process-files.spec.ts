import { describe, expect, it } from 'vitest';
import {
  parseAccounts,
  parseCommandLine,
  parseProcessStat,
  parseProcessStatus,
} from './process-files.js';

const AFTER_NAME =
  'S 1 7919 4956 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 161090 3133440 410 18446744073709551615';

describe('/proc/<pid>/stat', () => {
  it('tells state, parent, time used, threads and start', () => {
    expect(parseProcessStat(`7925 (node) ${AFTER_NAME}\n`)).toEqual({
      name: 'node',
      state: 'sleeping',
      parentPid: 1,
      cpuTicks: 300,
      threads: 4,
      startTicks: 161_090,
    });
  });

  it.each(['a b', 'x) R 99 (y', ')', '(', 'new\nline', ''])(
    'is not fooled by a process that calls itself %j',
    (name) => {
      expect(parseProcessStat(`7925 (${name}) ${AFTER_NAME}`)).toMatchObject({
        name,
        parentPid: 1,
        state: 'sleeping',
      });
    },
  );

  it('knows the states of the kernel and calls any other unknown', () => {
    const state = (letter: string) =>
      parseProcessStat(`1 (x) ${letter}${AFTER_NAME.slice(1)}`)?.state;
    expect(['R', 'D', 'T', 't', 'Z', 'I', '?'].map(state)).toEqual([
      'running',
      'disk-sleep',
      'stopped',
      'traced',
      'zombie',
      'idle',
      'unknown',
    ]);
  });

  it.each(['', '7925', '7925 (node', '7925 (node) S', '7925 (node) S x y z', ')('])(
    'of another form, %j, is nothing',
    (text) => {
      expect(parseProcessStat(text)).toBeNull();
    },
  );
});

describe('/proc/<pid>/status', () => {
  const STATUS = 'Name:\tsudo\nUid:\t1000\t0\t0\t0\nGid:\t1000\t0\t0\t0\nVmRSS:\t    2048 kB\n';

  it('tells the user it acts as and the memory in bytes', () => {
    expect(parseProcessStatus(STATUS)).toEqual({ effectiveUid: 0, residentBytes: 2_097_152 });
  });

  it('has no memory for a kernel thread', () => {
    expect(parseProcessStatus(STATUS.replace(/VmRSS.*\n/, ''))?.residentBytes).toBe(0);
  });

  it('without a user is nothing', () => {
    expect(parseProcessStatus('')).toBeNull();
    expect(parseProcessStatus('Name:\tUid: 5\n')).toBeNull();
  });
});

describe('/proc/<pid>/cmdline', () => {
  it('is a line of program and arguments, empty ones within included', () => {
    expect(parseCommandLine('node\0-e\0\0x\0')).toBe('node -e  x');
  });

  it('is kept as it is when the program replaced it by a title', () => {
    expect(parseCommandLine('nginx: worker process\0\0\0\0')).toBe('nginx: worker process');
  });

  it('is nothing when empty', () => {
    expect(parseCommandLine('')).toBeNull();
    expect(parseCommandLine('\0\0')).toBeNull();
  });
});

describe('/etc/passwd', () => {
  it('names each uid by its first account and skips what is no account', () => {
    const text = `root:x:0:0:root:/root:/bin/bash
toor:x:0:0::/root:/bin/sh
# bin:x:2:2::/:/bin/false
+::::::
broken
nouid:x::1:::
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
`;
    expect([...parseAccounts(text)]).toEqual([
      [0, 'root'],
      [33, 'www-data'],
    ]);
  });
});

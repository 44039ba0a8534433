import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Action } from '../../src/etcd/model/index.js';
import type { EngineHarness } from './engine.harness.js';

/** An action that logs a line with what is on the disk at that moment; fails as often as is asked. */
export async function reloader(
  on: EngineHarness,
  name: string,
  { fails = 0, looksAt = [] as readonly string[] } = {},
): Promise<{ action: Action; runs: () => Promise<string[]> }> {
  const log = join(on.folder, `${name}.log`);
  const path = join(on.folder, name);
  await writeFile(log, '');
  await writeFile(
    path,
    [
      '#!/bin/sh',
      `echo "$(cat ${looksAt.map((file) => on.at(file)).join(' ') || '/dev/null'} 2>/dev/null | tr '\\n' ' ')" >> ${log}`,
      `[ $(wc -l < ${log}) -gt ${fails} ] || { echo "${name} says no"; exit 7; }`,
    ].join('\n'),
  );
  await chmod(path, 0o755);
  const runs = async (): Promise<string[]> =>
    (await readFile(log, 'utf8')).split('\n').slice(0, -1);
  return { action: { command: [path] }, runs };
}

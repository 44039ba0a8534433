// Given to `--import`: writes, when the process ends, which modules it loaded and how many threads it started.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import process from 'node:process';
import { setImmediate } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const list = process.env.LOADED_LIST;

if (isMainThread && list !== undefined) {
  register('./loaded-hooks.mjs', import.meta.url, { data: list });
  await new Promise(setImmediate); // the hooks' own thread is told of by then
  process.on('worker', () => appendFileSync(list, 'thread\n'));
  process.on('exit', () => {
    const { cache } = createRequire(import.meta.url);
    appendFileSync(
      list,
      Object.keys(cache)
        .map((file) => `${file}\n`)
        .join(''),
    );
  });
}

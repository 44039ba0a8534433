import { watch } from 'node:fs';

/** Editors write in several steps: a file beside, a rename, the rights. */
const SETTLE_MS = 150;
const IGNORED =
  /(?:^|\/)(?:node_modules|\.git|dist|coverage)(?:\/|$)|(?:^|\/)\.|~$|\.sw[a-z]$|\.(?:spec|test)\.[tj]s$/;
const SOURCES = /\.(?:[mc]?[tj]s|json)$/;

/**
 * Calls back when sources below the folder were saved, once they have come to rest, and never before the
 * call before it has ended. The folder is watched and not its files, which editors replace.
 *
 * @returns what ends it
 */
export function watchSources(folder: string, changed: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (name === null || IGNORED.test(name) || !SOURCES.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(changed);
    }, SETTLE_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

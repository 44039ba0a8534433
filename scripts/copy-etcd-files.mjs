// Puts the files that dispatcher-etcd ships beside the compiled program, as they are: it compiles its renderers itself.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}dist/etcd-files`, { recursive: true, force: true });
cpSync(`${root}etcd-files`, `${root}dist/etcd-files`, { recursive: true });

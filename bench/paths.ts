import { fileURLToPath } from 'node:url';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where things lie, seen from the compiled bench in `dist/bench`. */
export const PATHS = {
  product: fromHere('../src/main.js'),
  plugins: fromHere('../../bench/plugins'),
  guardedPlugins: fromHere('../../bench/guarded-plugins'),
  taskPlugins: fromHere('../../bench/task-plugins'),
  taskWorker: fromHere('../src/task-worker/main.js'),
  results: fromHere('../../bench/results'),
  packageJson: fromHere('../../package.json'),
  server: (name: string): string => fromHere(`./servers/${name}.js`),
} as const;

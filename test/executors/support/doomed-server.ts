// A server with executors at work, for a test that ends it by force. Prints one line when they all
// are: the executors, and a process that a task has started.
import 'reflect-metadata';
import { ExecutorHarness, FakeContext, until } from '../executor.harness.js';

const harness = new ExecutorHarness();
await harness.scripts();
const pool = harness.pool({ min: 4, max: 4 });
pool.start();
await until(() => pool.list().every(({ state }) => state === 'idle'));

const SCRIPTS = [
  `process.on('SIGTERM', () => 0); process.on('SIGINT', () => 0); this.setProgress(1); for (;;);`,
  `this.setProgress(1, String(load('node:child_process').spawn('sleep', ['1000']).pid));
   await new Promise(() => 0);`,
  `this.setProgress(1); load('node:child_process').spawnSync('sleep', ['1000']);`,
];
const contexts = SCRIPTS.map((text, id) => {
  const context = new FakeContext(id);
  void harness.script(pool, text, { context });
  return context;
});
await until(() => contexts.every(({ progress }) => progress.length > 0));
const executors = pool.list().map(({ pid }) => pid);
const child = Number(contexts[1]?.progress[0]?.message);
process.on('SIGINT', () => process.stdout.write('interrupted\n'));
process.on('SIGTERM', () => process.stdout.write('terminated\n'));
process.stdout.write(`${JSON.stringify({ executors, child, folder: harness.directory })}\n`);

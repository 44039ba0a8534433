import { Worker } from 'node:worker_threads';

/**
 * Runs in a thread, for the process itself may be busy for ever. Nothing ever comes through the
 * pipe: its end comes when the server is gone, and then the process has nobody left to work for,
 * nor has what its tasks have started.
 */
const CODE = `
const { Socket } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const end = () => {
  try { process.kill(-workerData.pid, 'SIGKILL'); } catch { process.kill(workerData.pid, 'SIGKILL'); }
};
const pipe = new Socket({ fd: workerData.fd, readable: true, writable: false });
pipe.on('error', end).on('end', end).on('close', end).resume();
parentPort.postMessage('watching');
`;

/** The process, and what its tasks have started and not put into a group of its own. */
export function endGroup(): void {
  // eslint-disable-next-line no-restricted-syntax -- the group is this process's own
  process.kill(-process.pid, 'SIGKILL');
}

/** Resolves once the thread watches. */
export async function watchServer(fd: number): Promise<void> {
  const thread = new Worker(CODE, {
    eval: true,
    execArgv: [],
    workerData: { fd, pid: process.pid },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  await new Promise<void>((resolve, reject) => {
    thread.once('message', () => resolve());
    thread.once('error', reject);
  });
  thread.unref();
}

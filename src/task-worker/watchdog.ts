import { Worker } from 'node:worker_threads';
import { markOf } from '../tasks/executor-protocol.js';
import type { StartedPrograms } from './started-programs.js';

/**
 * Runs in a thread, for the process itself may be busy for ever. Nothing ever comes through the
 * pipe: its end comes when the server is gone, and then the process has nobody left to work for,
 * nor has what its task has started, wherever that went.
 */
const CODE = `
const { Socket } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const { readdirSync, readFileSync } = require('node:fs');
const { pid, shared, mark } = workerData;
const kill = (target) => { try { process.kill(target, 'SIGKILL'); } catch { return; } };
const endMarked = (variable) => {
  for (const name of readdirSync('/proc')) {
    try {
      if (readFileSync('/proc/' + name + '/environ', 'latin1').includes(variable)) kill(Number(name));
    } catch { continue; }
  }
};
const end = () => {
  const [epoch, ...leaders] = shared;
  for (const leader of leaders) if (leader > 0) kill(-leader);
  try { if (epoch > 0) endMarked(mark + epoch + '\\0'); } catch { /* a system without /proc */ }
  kill(-pid);
  kill(pid);
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
export async function watchServer(
  fd: number,
  { executor, shared }: StartedPrograms,
): Promise<void> {
  const { name, value } = markOf(executor, 0);
  const thread = new Worker(CODE, {
    eval: true,
    execArgv: [],
    workerData: { fd, pid: process.pid, shared, mark: `${name}=${value.slice(0, -1)}` },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  await new Promise<void>((resolve, reject) => {
    thread.once('message', () => resolve());
    thread.once('error', reject);
  });
  thread.unref();
}

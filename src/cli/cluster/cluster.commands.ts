import type { Invocation } from '../command.js';
import { onServer } from '../on-server.js';

const COLUMNS = ['name', 'state', 'leader', 'version', 'running', 'started_at', 'addresses'];

export async function listNodes(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async (session, printer) => {
    await printer.print(await session.call('cluster.get_nodes', []), { columns: COLUMNS });
  });
}

export const showLeader = printerOf('cluster.get_leader');
export const showClusterStatus = printerOf('cluster.status');
export const handOver = printerOf('cluster.hand_over');
export const drainNode = workerOn('cluster.drain');
export const forgetNode = workerOn('cluster.forget');

function printerOf(method: string) {
  return async (invocation: Invocation): Promise<undefined> => {
    await onServer(invocation, async (session, printer) => {
      await printer.print(await session.call(method, []));
    });
  };
}

function workerOn(method: string) {
  return async (invocation: Invocation): Promise<undefined> => {
    await onServer(invocation, async ({ call }) => {
      await call(method, [invocation.operands[0] ?? '']);
    });
  };
}

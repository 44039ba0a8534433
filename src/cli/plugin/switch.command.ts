import { withSession } from '../session/index.js';
import type { PluginInvocation } from './plugin-invocation.js';

export const enableCommand = (invocation: PluginInvocation): Promise<undefined> =>
  run(invocation, { method: 'enable_plugin', done: 'is enabled', others: 'Runs again, too' });
export const disableCommand = (invocation: PluginInvocation): Promise<undefined> =>
  run(invocation, {
    method: 'disable_plugin',
    done: 'is disabled',
    others: 'Runs no more without it',
  });

interface Switch {
  readonly method: string;
  readonly done: string;
  readonly others: string;
}

/** What it takes away or brings back besides it is told as well. */
async function run(
  { operands, options, io }: PluginInvocation,
  { method, done, others }: Switch,
): Promise<undefined> {
  const [name = ''] = operands;
  const names = await withSession({ options, io }, ({ call }) =>
    call<readonly string[]>(`management.${method}`, [name]),
  );
  io.output.write(`${name} ${done}\n`);
  if (names.length > 0) io.output.write(`${others}: ${names.join(', ')}\n`);
}

import type { Json } from '../../forms/index.js';

interface Snippet {
  readonly method: string;
  readonly isStream: boolean;
  readonly args: readonly Json[];
}

/** With the client library of the package. */
export function clientCodeOf({ method, isStream, args }: Snippet): string {
  const url = `ws://${location.host}/socket`;
  const rest = args.length === 0 ? '' : `, ${JSON.stringify(args)}`;
  const lines = isStream
    ? [`for await (const item of client.stream('${method}'${rest})) console.log(item);`]
    : [`const result = await client.call('${method}'${rest});`];
  return [
    "import { DispatcherClient } from 'dispatcher/client';",
    '',
    `const client = new DispatcherClient({ url: '${url}', values: 'wire' });`,
    'await client.connect();',
    "await client.login({ kind: 'password', username, password });",
    ...lines,
  ].join('\n');
}

export function cliOf({ method, args }: Snippet): string {
  if (args.length === 0) return `dispatcherctl call ${method}`;
  // a quote ends the quoted part, stands by itself, and begins the next
  return `dispatcherctl call ${method} '${JSON.stringify(args).replaceAll("'", String.raw`'\''`)}'`;
}

export function frameOf({ method, args }: Snippet): string {
  return JSON.stringify({ namespace: 'rpc', name: 'call', id: 1, args: { method, args } }, null, 2);
}

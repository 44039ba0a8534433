import type { Json } from '../../forms/index.js';

interface Snippet {
  readonly method: string;
  readonly isStream: boolean;
  readonly args: readonly Json[];
}

/** With the client library of the package. */
export function clientCodeOf({ method, isStream, args }: Snippet): string {
  const list = args.map((arg) => `, ${JSON.stringify(arg)}`).join('');
  const url = `ws://${location.host}/socket`;
  const call = isStream
    ? `for await (const item of client.stream('${method}'${list})) {\n  console.log(item);\n}`
    : `const result = await client.call('${method}'${list});`;
  return `import { DispatcherClient } from 'dispatcher/client';\n\nconst client = await DispatcherClient.connect('${url}');\nawait client.login(username, password);\n${call}`;
}

export function cliOf({ method, args }: Snippet): string {
  if (args.length === 0) return `dispatcherctl call ${method}`;
  // a quote ends the quoted part, stands by itself, and begins the next
  return `dispatcherctl call ${method} '${JSON.stringify(args).replaceAll("'", String.raw`'\''`)}'`;
}

export function frameOf({ method, args }: Snippet): string {
  return JSON.stringify({ namespace: 'rpc', name: 'call', id: 1, args: { method, args } }, null, 2);
}

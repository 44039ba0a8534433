import type { Json } from '../forms/index.js';

/** A call, a call that answers item by item, or a task: what somebody else is to do as well. */
export interface Deed {
  readonly kind: 'call' | 'stream' | 'task';
  /** Of the method or the task. */
  readonly name: string;
  readonly args: readonly Json[];
}

/** Who does it where; the password is nowhere in the text. */
export interface Place {
  readonly url: string;
  readonly user: string;
  /** Of the port that takes calls over HTTP; null where none does. */
  readonly http: string | null;
}

/** A module for Node, with the client library of the package. The password comes from the environment. */
export function clientCodeOf(deed: Deed, { url, user }: Place): string {
  return [
    "import { DispatcherClient } from 'dispatcher/client';",
    "import { nodeSocket } from 'dispatcher/client/node';",
    '',
    'const client = new DispatcherClient({',
    `  url: ${textOf(url)},`,
    '  webSocket: nodeSocket(),',
    "  values: 'wire',",
    '});',
    'await client.connect();',
    'await client.login({',
    "  kind: 'password',",
    `  username: ${textOf(user)},`,
    "  password: process.env.DISPATCHER_PASSWORD ?? '',",
    '});',
    actOf(deed),
    'client.close();',
  ].join('\n');
}

function actOf({ kind, name, args }: Deed): string {
  const given = `'${name}'${args.length === 0 ? '' : `, ${JSON.stringify(args)}`}`;
  if (kind === 'stream') {
    return `for await (const item of client.stream(${given})) console.log(JSON.stringify(item));`;
  }
  const act = kind === 'task' ? 'tasks.run' : 'call';
  return `console.log(JSON.stringify(await client.${act}(${given})));`;
}

/** A line for a shell. The password is asked for, or comes from the environment. */
export function cliOf({ kind, name, args }: Deed, { url, user }: Place): string {
  const command = kind === 'task' ? 'submit' : 'call';
  const given = args.length === 0 ? '' : ` ${quoted(JSON.stringify(args))}`;
  return `dispatcherctl --url ${quoted(url)} --user ${quoted(user)} ${command} ${name}${given}`;
}

/** A line for a shell, with an API key or a token in the environment. */
export function curlOf({ kind, name, args }: Deed, { http }: Place): string {
  const [method, body] = kind === 'task' ? ['task.submit', [name, args]] : [name, args];
  const stream = kind === 'stream' ? " -N -H 'Accept: application/x-ndjson'" : '';
  const line = [
    `curl -sS${stream} -H "Authorization: Bearer $DISPATCHER_KEY"`,
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(body))}`,
    quoted(`${http ?? 'http://SERVER:PORT'}/rpc/${method}`),
  ].join(' ');
  return http === null ? `# this server takes no calls over HTTP: set "http-calls"\n${line}` : line;
}

/** What a client that is logged in sends over its WebSocket. */
export function frameOf({ kind, name, args }: Deed): string {
  const call =
    kind === 'task' ? { method: 'task.submit', args: [name, args] } : { method: name, args };
  return JSON.stringify({ namespace: 'rpc', name: 'call', id: 1, args: call }, null, 2);
}

/** As a text of JavaScript. */
const textOf = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`;

/** For a shell: a quote ends the quoted part, stands by itself, and begins the next. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

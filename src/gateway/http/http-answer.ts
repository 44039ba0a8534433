import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { abortable, stringifyExtended } from '../../common/index.js';
import type { Call } from '../../rpc/index.js';
import type { CallStream } from '../protocol/index.js';
import { type Problem, problemText } from './problem.js';

/** What an Accept header asks for that takes the items of a stream as they come. */
export const STREAM_TYPE = 'application/x-ndjson';
const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;
/** How long a refused request is still read, so that its sender gets to read why. */
const LINGER_MS = 2_000;

/** @param stallMs - how long the client may read nothing of it */
export function answer(response: ServerResponse, text: string, stallMs: number): void {
  endIfStalled(response, stallMs);
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Item by item, one to a line, and no further ahead than the client reads. */
export async function answerStream(
  response: ServerResponse,
  stream: CallStream,
  { call, stallMs }: { readonly call: Call; readonly stallMs: number },
): Promise<void> {
  const { signal } = call;
  for (let seqno = 1; ; seqno += 1) {
    const chunk = await abortable(stream.take(seqno), signal);
    call.throwIfAborted();
    if (!response.headersSent) {
      response.writeHead(200, { ...HEADERS, 'Content-Type': STREAM_TYPE });
    }
    if (chunk.kind === 'end') break;
    const lines = chunk.items.map((item) => `${stringifyExtended(item)}\n`).join('');
    if (response.write(lines)) continue;
    endIfStalled(response, stallMs);
    await once(response, 'drain', { signal });
    response.setTimeout(0);
  }
  response.end();
}

/**
 * What is not read of the body must not be taken for the next request: the connection ends. But a socket
 * that is closed with something unread is reset and the answer lost, so it is read a little longer.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  if (response.destroyed) return;
  const text = problemText(problem);
  response.writeHead(problem.status, {
    ...HEADERS,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(text),
    ...problem.headers,
    ...(request.complete ? {} : { Connection: 'close' }),
  });
  if (request.complete || request.method === 'HEAD') {
    response.end(text);
    return;
  }
  response.write(text);
  const end = (): void => {
    clearTimeout(late);
    response.end();
  };
  const late = setTimeout(end, LINGER_MS);
  request
    .once('end', end)
    .once('close', () => clearTimeout(late))
    .resume();
}

function endIfStalled(response: ServerResponse, stallMs: number): void {
  response.setTimeout(stallMs); // without a listener Node hangs up then
}

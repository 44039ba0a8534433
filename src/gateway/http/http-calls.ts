import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ApiKeys, type Principal, TokenGuesses, TokenStore } from '../../auth/index.js';
import { abortable, bearerTokenOf, coded } from '../../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../../config/index.js';
import { Call, CallPipeline, FailureReporter, NodeRouter, ResultStream } from '../../rpc/index.js';
import { answerText, CallStream, parseArguments } from '../protocol/index.js';
import type { HttpExchange, Peer, RequestHandler } from '../transport/index.js';
import { methodIn, nodeIn, refusalOf } from './call-request.js';
import { answer, answerStream, refuse, STREAM_TYPE } from './http-answer.js';
import { HttpCaller } from './http-caller.js';
import { type Problem, problemOf } from './problem.js';
import { type BodyFault, readBody } from './read-body.js';
import { type RunningCall, RunningCalls } from './running-calls.js';

const BODY_FAULTS: Readonly<Record<BodyFault, Problem>> = {
  'too large': { status: 413, detail: 'The body is larger than a message may be (message-size)' },
  'too slow': { status: 408, detail: 'The body did not come in time (http-body-timeout-ms)' },
  'not UTF-8': { status: 400, detail: 'The body is not UTF-8' },
  gone: { status: 400, detail: 'The body did not come to its end' },
};

/** Who asks, by what. */
interface Bearer {
  readonly principal: Principal;
  readonly tokenKey: string | null;
}

/** `POST /rpc/<service>.<method>`: one call, from the request through the pipeline to the answer. */
@Injectable()
export class HttpCalls implements RequestHandler {
  #isClosing = false;

  constructor(
    private readonly pipeline: CallPipeline,
    private readonly nodes: NodeRouter,
    private readonly failures: FailureReporter,
    private readonly tokens: TokenStore,
    private readonly keys: ApiKeys,
    private readonly guesses: TokenGuesses,
    private readonly running: RunningCalls,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  takes(path: string): boolean {
    return this.configuration.dispatcher.httpCalls && path.startsWith('/rpc/');
  }

  /** Answers the request, whatever it is; never rejects. */
  async handle(exchange: HttpExchange): Promise<void> {
    const { request, response } = exchange;
    try {
      const problem = await this.#handle(exchange);
      if (problem !== null) refuse(request, response, problem);
    } catch (error) {
      // that the connection breaks before the end tells the client that this is not all
      if (response.headersSent) response.socket?.destroySoon();
      else {
        const method = methodIn(request.url ?? '') ?? 'http';
        refuse(request, response, problemOf(this.failures.toClient(error, method)));
      }
    }
  }

  /** Ends what runs, and takes nothing more. */
  close(): void {
    this.#isClosing = true;
    this.running.abortAll(coded('SERVER_STOPPING'));
  }

  async #handle({ request, response, peer }: HttpExchange): Promise<Problem | null> {
    const { allowedOrigins, limits } = this.configuration.dispatcher;
    const refusal = refusalOf(request, allowedOrigins);
    if (refusal !== null) return refusal;
    const method = methodIn(request.url ?? '');
    if (method === null) return { status: 404, detail: 'Calls go to /rpc/<service>.<method>' };
    if (this.#isClosing) throw coded('SERVER_STOPPING');
    const prepared = this.tokens.prepare(bearerTokenOf(request.headers) ?? '');
    if (prepared !== null) await prepared;
    const { principal } = this.#authenticate(request, peer);
    const leave = this.running.enter(principal, limits.callsInFlight);
    if (leave === null) throw coded('TOO_MANY_REQUESTS');
    let work: Promise<unknown> = Promise.resolve();
    try {
      const { messageSize: maxBytes, httpBodyTimeoutMs: timeoutMs } = limits;
      const body = await readBody(request, { maxBytes, timeoutMs });
      if ('fault' in body) return BODY_FAULTS[body.fault];
      const args = parseArguments(body.text, limits.frameValues);
      // once more: while the body came, the login may have ended
      const bearer = this.#authenticate(request, peer);
      const caller = new HttpCaller(bearer.principal, peer.address);
      const wantsStream = request.headers.accept?.includes(STREAM_TYPE) === true;
      const call = new Call(method, args, caller, { wantsStream });
      const result = this.#execute(call, nodeIn(request));
      work = Promise.allSettled([result, closeOf(response)]);
      await this.#answer(response, { call, caller, tokenKey: bearer.tokenKey }, result);
      return null;
    } finally {
      // it counts until its method has really ended and nothing waits to be read, whoever still does
      void work.then(leave);
    }
  }

  /** @throws RpcException EACCES when the request shows nothing that is good; EBUSY when too often so */
  #authenticate(request: IncomingMessage, { address, source }: Peer): Bearer {
    const secret = bearerTokenOf(request.headers);
    if (secret === null) throw coded('NOT_LOGGED_IN');
    const byToken = this.tokens.use(secret);
    if (byToken !== null) return { principal: byToken.principal, tokenKey: byToken.key };
    const byKey = this.keys.use(secret, address);
    if (byKey !== null) return { principal: byKey, tokenKey: null };
    this.guesses.count(source);
    throw coded('BAD_TOKEN');
  }

  /** A promise whatever the method does, also where it answers or throws at once. */
  async #execute(call: Call, node: string | null): Promise<unknown> {
    return await (node === null ? this.pipeline.execute(call) : this.nodes.execute(call, node));
  }

  async #answer(
    response: ServerResponse,
    running: RunningCall,
    pending: Promise<unknown>,
  ): Promise<void> {
    const { call, caller } = running;
    const { answerBytes, outboxGraceMs, heartbeatMs } = this.configuration.dispatcher.limits;
    this.running.add(running);
    const forget = onClose(response, () => call.abort(coded('CALL_CANCELED')));
    response.socket?.setKeepAlive(true, heartbeatMs); // who vanished is found out, as by a ping
    try {
      const result = await abortable(pending, call.signal);
      if (result instanceof ResultStream) await this.#stream(response, call, result);
      else answer(response, `${answerText(result, answerBytes)}\n`, outboxGraceMs);
    } finally {
      forget();
      this.running.remove(running);
      caller.end();
    }
  }

  async #stream(response: ServerResponse, call: Call, result: ResultStream): Promise<void> {
    const { limits, tokenLifetime } = this.configuration.dispatcher;
    const { streamingBurst: burst, fragmentBytes } = limits;
    const stream = new CallStream(result, { burst, fragmentBytes, isView: false });
    try {
      // as long as a connection may be silent
      await answerStream(response, stream, { call, stallMs: tokenLifetime * 1_000 });
    } finally {
      void stream.dispose();
    }
  }
}

function onClose(response: ServerResponse, act: () => void): () => void {
  response.once('close', act);
  if (response.destroyed) act();
  return () => response.off('close', act);
}

/** It has been handed over as a whole, or its client has gone. */
function closeOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => void onClose(response, resolve));
}

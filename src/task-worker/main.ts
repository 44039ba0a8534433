import 'reflect-metadata';
import { Logger as NestLogger } from '@nestjs/common';
import { type FromExecutor, type ToExecutor, toRunFailure } from '../tasks/executor-protocol.js';
import { Leftovers } from './leftovers.js';
import { StartedPrograms } from './started-programs.js';
import { CurrentTask } from './current-task.js';
import { WorkerRun } from './worker-run.js';
import { endGroup, watchServer } from './watchdog.js';

/** The channel whose end is that of the server. */
const SERVER_PIPE = 4;
const EXIT_FAILED = 1;

/** How long last words may take to leave. */
const LAST_WORDS_MS = 1_000;
/**
 * Who closes the connection is ended: by the server, or by the watchdog when there is none. Until
 * then the process stays, for its exit would leave behind what its tasks have started.
 */
const DISCONNECTED_MS = 10_000;

// Kept, for a task's code can take them away from the process
const transmit = process.send?.bind(process);

async function main(maxResidentBytes: number, name: string): Promise<void> {
  if (transmit === undefined) throw new Error('This is no program: the server starts it');
  const room = new CurrentTask();
  const fail = (reason: string): void => (room.isPresent() ? die(reason) : retire(reason));
  process.on('uncaughtException', (error) => fail(`uncaught ${describe(error)}`));
  process.on('unhandledRejection', (error) =>
    fail(`a promise failed that nothing waited for: ${describe(error)}`),
  );
  process.on('disconnect', () => setTimeout(endGroup, DISCONNECTED_MS));
  NestLogger.overrideLogger(false);
  const programs = new StartedPrograms(name, send);
  programs.watch();
  await watchServer(SERVER_PIPE, programs);
  keepOutputApart(room);
  const leftovers = new Leftovers(maxResidentBytes);
  leftovers.note();
  const runner = new WorkerRun(send, { room, leftovers, programs });
  process.on('message', (message: ToExecutor) => receive(message, { runner, room }));
  send({ kind: 'ready' });
}

function receive(
  message: ToExecutor,
  { runner, room }: { readonly runner: WorkerRun; readonly room: CurrentTask },
): void {
  if (message.kind === 'load') runner.load(message);
  else if (message.kind === 'run') runner.run(message);
  else if (message.kind === 'abort') runner.abort(message.epoch);
  else if (message.kind === 'ping') send({ kind: 'pong' });
  else {
    const link = room.current;
    if (link?.epoch !== message.epoch) return;
    if (message.kind === 'answer') link.receiveAnswer(message);
    else void room.runAs(link, () => link.receiveEvent(message));
  }
}

/** @throws TypeError when the message has no JSON form */
function send(message: FromExecutor): void {
  transmit?.(message, undefined, undefined, () => undefined); // without a channel there is no server
}

/** What an ended task writes late must not appear as the output of the next one. */
function keepOutputApart({ isPresent }: CurrentTask): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]): boolean => (isPresent() ? write(...args) : true);
  }
}

/** The task that runs is lost, and only that: the server takes a fresh process for the next one. */
function die(reason: string): void {
  const exit = (): never => process.exit(EXIT_FAILED);
  setTimeout(exit, LAST_WORDS_MS);
  transmit?.({ kind: 'dying', reason } satisfies FromExecutor, undefined, undefined, exit);
}

/** What a task left running went wrong: it is no other task's fault, nor to be its end. */
function retire(reason: string): void {
  send({ kind: 'spent', reason: `something that a task had left running failed: ${reason}` });
}

function describe(error: unknown): string {
  const { type, message, stacktrace } = toRunFailure(error);
  process.stderr.write(`${stacktrace}\n`);
  return `${type}: ${message}`;
}

process.setSourceMapsEnabled(true); // stacks of plugins name their own lines, not the compiled ones
main(Number(process.argv[2]), process.argv[3] ?? '').catch((error: unknown) =>
  die(describe(error)),
);

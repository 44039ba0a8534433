import type { RunFailure } from '../executor.js';
import type { LocalOutcome } from '../run-outcome.js';
import type { Step } from '../task-methods.js';
import type { CrossingError } from './crossing-error.js';

/**
 * What the server and an executor process say to each other, as JSON over the IPC channel. One
 * message begins a run and one ends it; a plugin's code is sent once to each process.
 *
 *     server                                executor
 *        │ ◀──────────── ready ──────────────  │   once
 *        │ ── load ─────────▶ ◀── loaded ────  │   once for each plugin
 *        │ ── run ──────────────────────────▶  │
 *        │ ◀── ask (id) ──── ── answer (id) ▶  │   any number, each answered exactly once
 *        │ ◀── tell ──────── ── event ──────▶  │   any number
 *        │ ── abort ─────────▶                 │
 *        │ ── ping ──────────▶ ◀── pong ─────  │   now and then
 *        │ ◀── ended ────────────────────────  │
 *
 * `epoch` is the number of the session within the process: what belongs to an earlier one is
 * nobody's business any more.
 */
export type ToExecutor =
  | LoadMessage
  | RunMessage
  | AbortMessage
  | AnswerMessage
  | EventMessage
  /** Answered from the event loop as soon as that turns. */
  | { readonly kind: 'ping' };

export interface LoadMessage {
  readonly kind: 'load';
  readonly epoch: number;
  readonly plugin: string;
  readonly entry: string;
  readonly options: object;
  readonly sources: readonly (readonly [path: string, code: string])[];
  readonly task: TaskIdentity;
}

export interface RunMessage {
  readonly kind: 'run';
  readonly epoch: number;
  readonly step: Step;
  readonly plugin: string;
  readonly name: string;
  readonly className: string;
  readonly args: unknown;
  readonly task: TaskIdentity;
}

export interface TaskIdentity {
  readonly id: number;
  readonly user: string | null;
  readonly environment: unknown;
  readonly cause: string;
  readonly isAborted?: true;
}

/** The task is to stop: its signal fires and its `abort` is called. */
interface AbortMessage {
  readonly kind: 'abort';
  readonly epoch: number;
}

export type AnswerMessage = {
  readonly kind: 'answer';
  readonly epoch: number;
  readonly id: number;
} & ({ readonly value: unknown } | { readonly stream: number } | { readonly error: CrossingError });

/** Something that the task listens for happened; with `reply` the server waits for `handled`. */
export interface EventMessage {
  readonly kind: 'event';
  readonly epoch: number;
  readonly listener: number;
  readonly name: string;
  readonly args: unknown;
  readonly reply?: number;
}

export type FromExecutor =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  /** A program that the task has started leads a process group of its own. */
  | { readonly kind: 'started'; readonly session: number; readonly pid: number }
  | { readonly kind: 'loaded'; readonly epoch: number }
  | { readonly kind: 'not-loaded'; readonly epoch: number; readonly failure: RunFailure }
  | EndedMessage
  | { readonly kind: 'will-not-stop'; readonly epoch: number }
  | AskMessage
  | TellMessage
  /** It should run nothing else. */
  | { readonly kind: 'spent'; readonly reason: string }
  /** Its last words. */
  | { readonly kind: 'dying'; readonly reason: string };

interface EndedMessage {
  readonly kind: 'ended';
  readonly epoch: number;
  readonly outcome: LocalOutcome;
  /** Why the process should run nothing else: something of the task is left in it, or it has grown. */
  readonly spent?: string;
}

/** The parts of the server that can be asked. */
export type AskTarget = 'task' | 'dispatcher' | 'datastore' | 'configstore' | 'stream';

export interface AskMessage {
  readonly kind: 'ask';
  readonly epoch: number;
  readonly id: number;
  readonly target: AskTarget;
  readonly method: string;
  readonly args: unknown;
}

/** As {@link AskMessage}, but nobody waits for an answer. */
export interface TellMessage {
  readonly kind: 'tell';
  readonly epoch: number;
  readonly target: AskTarget | 'logger' | 'listener';
  readonly method: string;
  readonly args: unknown;
}

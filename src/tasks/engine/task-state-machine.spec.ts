import { describe, expect, it } from 'vitest';
import {
  IllegalTransitionError,
  type StageName,
  STAGES,
  TaskStateMachine,
  TRANSITIONS,
} from './task-state-machine.js';

/** Written a second time, and not as the table is: a step that is added by mistake is seen here. */
const LEGAL: readonly `${StageName} > ${StageName}`[] = [
  // the way of a task that nothing happens to
  'verifying > queued',
  'queued > waiting',
  'waiting > opening',
  'opening > running',
  'running > settling',
  'settling > finished',
  // what goes wrong on it
  'verifying > failed',
  'queued > failed',
  'waiting > failed',
  'opening > failed',
  'running > failed',
  'settling > failed',
  'settling > rollingBack',
  'rollingBack > failed',
  // where it can be told to stop, and where that is found
  'verifying > aborted',
  'queued > aborted',
  'waiting > aborted',
  'opening > aborted',
  'running > aborted',
  'settling > aborted',
  'rollingBack > aborted',
  // no store for its first row, which is told no later than it would begin to run
  'verifying > disowned',
  'queued > disowned',
  'waiting > disowned',
  'opening > disowned',
  'running > disowned',
  // no place for what its last row holds
  'finished > failed',
  'failed > failed',
  'aborted > failed',
  // after a restart
  'recovered > verifying',
  'recovered > queued',
  'recovered > running',
  'recovered > failed',
  'recovered > aborted',
];

const NAMES = Object.keys(STAGES) as StageName[];
const PAIRS = NAMES.flatMap((from) => NAMES.map((to) => [from, to] as const));
const isLegal = (from: StageName, to: StageName): boolean => LEGAL.includes(`${from} > ${to}`);

const throwing = (error: IllegalTransitionError): never => {
  throw error;
};

describe('A task', () => {
  it.each(PAIRS.filter(([from, to]) => isLegal(from, to)))('may go from %s to %s', (from, to) => {
    const machine = new TaskStateMachine({ id: 7, first: { at: from }, guard: throwing });
    const next = { at: to };
    expect(machine.enter(next)).toBe(true);
    expect(machine.stage).toBe(next);
  });

  it.each(PAIRS.filter(([from, to]) => !isLegal(from, to)))(
    'may not go from %s to %s: that throws where the guard does, else it is told and refused',
    (from, to) => {
      const first = { at: from };
      const strict = new TaskStateMachine({ id: 7, first, guard: throwing });
      expect(() => strict.enter({ at: to })).toThrow(
        `Task 7 cannot go from ${from} to ${to}: that is a mistake in the server`,
      );
      expect(strict.stage).toBe(first);
      const told: IllegalTransitionError[] = [];
      const guard = (error: IllegalTransitionError): void => void told.push(error);
      const lenient = new TaskStateMachine({ id: 7, first, guard });
      expect(lenient.enter({ at: to })).toBe(false);
      expect(lenient.stage).toBe(first);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({ task: 7, from, to });
    },
  );

  it('has a reason for every step, and a way to an end from wherever it is', () => {
    for (const from of NAMES) {
      for (const why of Object.values(TRANSITIONS[from])) expect(why).toMatch(/^\p{Ll}.+\p{Ll}$/u);
      const hasEnded = STAGES[from].schedule === 'ended';
      if (!hasEnded)
        expect(TRANSITIONS[from]).toMatchObject({ failed: expect.any(String) as string });
    }
  });

  it('never goes back in the state of its row or in the scheduler, but for one that runs again', () => {
    const rows = ['CREATED', 'WAITING', 'EXECUTING', 'ROLLBACK', 'FINISHED', 'ABORTED', 'FAILED'];
    const schedule = ['announced', 'waiting', 'running', 'ended'];
    for (const [from, to] of PAIRS.filter(([a, b]) => isLegal(a, b))) {
      const [before, after] = [STAGES[from], STAGES[to]];
      expect(schedule.indexOf(after.schedule)).toBeGreaterThanOrEqual(
        schedule.indexOf(before.schedule),
      );
      if (before.row === null || after.row === null) continue; // as the row was
      expect(rows.indexOf(after.row)).toBeGreaterThanOrEqual(rows.indexOf(before.row));
    }
  });
});

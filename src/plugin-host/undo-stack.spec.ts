import { describe, expect, it } from 'vitest';
import { UndoStack } from './undo-stack.js';

describe('UndoStack', () => {
  it('undoes everything, the latest first', async () => {
    const undone: string[] = [];
    const undoStack = new UndoStack();
    undoStack.add('provider', 'a', () => void undone.push('a'));
    undoStack.add('schema', 'b', async () => {
      await Promise.resolve();
      undone.push('b');
    });
    await undoStack.undoAll(() => expect.unreachable());
    expect(undone).toEqual(['b', 'a']);
    expect(undoStack.size).toBe(0);
  });

  it('reports what cannot be undone and undoes the rest', async () => {
    const undone: string[] = [];
    const reports: unknown[] = [];
    const undoStack = new UndoStack();
    undoStack.add('provider', 'a', () => void undone.push('a'));
    undoStack.add('task', 'b', () => {
      throw new Error('stuck');
    });
    await undoStack.undoAll((what, error) => reports.push([what, (error as Error).message]));
    expect(undone).toEqual(['a']);
    expect(reports).toEqual([['task', 'stuck']]);
  });

  it('gives out an entry once, by kind and key', () => {
    const undoStack = new UndoStack();
    const undo = (): void => undefined;
    undoStack.add('provider', 'a', undo);
    expect(undoStack.take('task', 'a')).toBeUndefined();
    expect(undoStack.take('provider', 'a')).toBe(undo);
    expect(undoStack.take('provider', 'a')).toBeUndefined();
  });
});

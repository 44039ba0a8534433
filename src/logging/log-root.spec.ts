import { describe, expect, it } from 'vitest';
import { LogRoot } from './log-root.js';

describe('a fatal line', () => {
  it('is written at every level, by the server, with the stack of its error', () => {
    const lines: string[] = [];
    const log = new LogRoot('fatal', { write: (line) => void lines.push(line) });
    log.create({ component: 'server' }).error('not written');
    log.fatal('The end', { error: new Error('stray') });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'fatal',
      component: 'server',
      msg: 'The end',
      error: { message: 'stray', stack: expect.stringContaining('log-root.spec') as string },
    });
  });
});

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { onAbort } from '../../common/portable.js';
import type { CommandIo } from '../command.js';
import { InterruptedError } from '../exit-status.js';

/**
 * Asks on the terminal; what is typed is not shown.
 *
 * @throws InterruptedError at ^C, and where the input ends
 */
export function askHidden(question: string, io: CommandIo): Promise<string> {
  return ask(question, io, new Writable({ write: (_chunk, _encoding, done) => done() }));
}

/** Asks on the terminal and shows what is typed. @throws InterruptedError */
export function askVisible(question: string, io: CommandIo): Promise<string> {
  return ask(question, io, null);
}

function ask(
  question: string,
  { input, notices, interrupt }: CommandIo,
  echo: Writable | null,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // first: from here on the terminal shows nothing by itself, and whoever sees the question may type
    const lines = createInterface({ input, output: echo ?? notices, terminal: true });
    notices.write(question);
    let forget = (): void => undefined;
    const finish = (act: () => void): void => {
      forget();
      lines.removeAllListeners();
      lines.close(); // which gives the terminal its echo back
      if (echo !== null) notices.write('\n');
      act();
    };
    const stop = (): void => finish(() => reject(new InterruptedError()));
    lines.on('SIGINT', stop);
    lines.on('close', stop);
    lines.on('line', (line) => finish(() => resolve(line)));
    forget = onAbort(interrupt, stop);
  });
}

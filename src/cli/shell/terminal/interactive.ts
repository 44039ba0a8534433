import { messageOf, onAbort } from '../../../common/portable.js';
import type { Invocation } from '../../command.js';
import { EXIT, InterruptedError, UnreachableError } from '../../exit-status.js';
import { printable } from '../../output/index.js';
import { type LinkNews, withSession } from '../../session/index.js';
import { ProgressLine } from '../../task/progress-line.js';
import { LineCompleter, LiveValues } from '../completion/index.js';
import { LineEditor, type Read } from '../editor/index.js';
import { parseScript } from '../grammar/index.js';
import { HIDDEN, HistoryFile, historyPath, keptLine } from '../history/index.js';
import { Shell } from '../shell.js';
import type { ShellOptions } from '../shell-state.js';
import type { BegunTask, MissingValue, ShellIo } from '../shell-io.js';
import { FrontTask } from './front-task.js';
import { withHiddenValues } from './hidden-values.js';
import { JobNotices } from './job-notices.js';
import { NoticeStream } from './notice-stream.js';
import { OwnWords } from './own-words.js';
import { hasColour, promptOf } from './prompt.js';
import { logInAnew } from './relogin.js';
import { signatureIn } from './signature-in.js';

/** A second ^C within this time aborts the task that the first has left. */
const ABORT_WITHIN_MS = 2_000;

/**
 * The shell on a terminal, until `exit` or ^D.
 *
 * @returns the exit status of the program
 * @throws what a session throws: the login is refused, somebody was thrown out, nobody answers
 */
export async function runInteractive(
  { options, io }: Pick<Invocation, 'options' | 'io'>,
  shellOptions: ShellOptions,
): Promise<number> {
  let onLink: (news: LinkNews) => void = () => undefined;
  return withSession(
    { options, io, patienceMs: null, onLink: (news) => onLink(news) },
    async (session) => {
      let { warn } = shellOptions;
      const shell = await Shell.open(session, { ...shellOptions, warn: (line) => warn(line) });
      const terminal = new InteractiveShell(shell, io);
      warn = (line) => terminal.tell(line);
      onLink = (news) => terminal.onLink(news);
      try {
        return await terminal.run();
      } finally {
        await shell.close();
      }
    },
  );
}

type Io = Invocation['io'];

class InteractiveShell {
  readonly #editor: LineEditor;
  readonly #history: HistoryFile;
  readonly #live: LiveValues;
  readonly #jobs: JobNotices;
  readonly #words: OwnWords;
  readonly #progress: ProgressLine;
  readonly #notices: NoticeStream;
  #isLost = false;
  #needsLogin = false;
  #line: AbortController | null = null;
  #front: FrontTask | null = null;
  #left: { readonly id: number; readonly atMs: number } | null = null;

  constructor(
    private readonly shell: Shell,
    private readonly io: Io,
  ) {
    const { cli, call } = shell.session;
    this.#history = new HistoryFile(historyPath(io.env), cli.historySize);
    this.#live = new LiveValues({ call, waitMs: cli.completionTimeoutMs });
    const completer = new LineCompleter(shell, this.#live);
    this.#editor = new LineEditor({
      input: io.input,
      output: io.output,
      history: this.#history,
      prompt: () => promptOf(shell, { isLost: this.#isLost }),
      complete: (text, cursor) => completer.complete(text, cursor),
      isOpen: (text) => parseScript(text).open !== null,
      hasColour: hasColour(io.env, { theme: cli.theme, isTerminal: io.output.isTTY === true }),
    });
    this.#progress = new ProgressLine(io);
    this.#notices = new NoticeStream(io.output, (text) => this.#print(text));
    this.#jobs = new JobNotices(
      shell,
      (line) => this.#print(`${line}\n`),
      () => this.#editor.refresh(),
    );
    this.#words = new OwnWords(shell, {
      history: this.#history,
      tell: (line) => this.#print(`${line}\n`),
      write: (text) => void io.output.write(text),
    });
  }

  async run(): Promise<number> {
    const { signal } = this.shell.session;
    this.#editor.open({
      onInterrupt: () => this.#onInterrupt(),
      onSuspend: () => this.#toBackground(),
    });
    const forgetSignals = this.#endAtSignals();
    const forgetEnd = onAbort(signal, () => this.#editor.pause());
    const forgetTree = this.#followTree();
    void this.shell.loadPlugins(); // while somebody reads the prompt
    try {
      return await this.#loop();
    } finally {
      forgetTree();
      forgetEnd();
      forgetSignals();
      this.#jobs.close();
      this.#words.close();
      this.#editor.close();
    }
  }

  /** One line above what is being typed. */
  tell(line: string): void {
    this.#print(`${line}\n`);
  }

  onLink(news: LinkNews): void {
    this.#isLost = news.kind === 'lost';
    switch (news.kind) {
      case 'lost':
        this.#print(`Connection lost, trying again (^C gives up): ${printable(news.reason)}\n`);
        break;
      case 'back':
        this.#print('Connected again\n');
        break;
      case 'expired':
        this.#needsLogin = true;
        this.#print(`The login has ended: ${printable(news.reason)}\n`);
        this.#editor.pause();
    }
    this.#editor.refresh();
  }

  async #loop(): Promise<number> {
    let status: number = EXIT.done;
    let initial = '';
    for (;;) {
      this.#throwIfOver();
      if (this.#needsLogin) await this.#logIn();
      this.#history.update();
      const read = await this.#editor.read(initial);
      initial = '';
      switch (read.kind) {
        case 'paused':
          initial = read.text;
          break;
        case 'end':
          this.#throwIfOver();
          return status;
        case 'interrupted':
          await this.#afterInterrupt(read);
          break;
        case 'line': {
          const outcome = await this.#runLine(read.text);
          if (outcome.isExit) return outcome.status;
          status = outcome.status;
        }
      }
    }
  }

  /** Somebody was thrown out, or the program is to end. */
  #throwIfOver(): void {
    const { signal } = this.shell.session;
    if (signal.aborted) throw signal.reason;
  }

  async #logIn(): Promise<void> {
    const { client, user } = this.shell.session;
    await logInAnew(client, {
      user,
      ask: (question) => this.#editor.ask(question, { isHidden: true }),
      tell: (line) => this.#print(`${line}\n`),
    });
    this.#needsLogin = false;
    this.#isLost = false;
  }

  /** ^C in an empty line gives up a connection that is lost, or aborts the task that ^C has just left. */
  async #afterInterrupt({ text }: Read & { kind: 'interrupted' }): Promise<void> {
    const left = this.#left;
    this.#left = null;
    if (text !== '') return;
    if (left !== null && performance.now() - left.atMs <= ABORT_WITHIN_MS) {
      await this.#abort(left.id);
    } else if (this.#isLost) {
      throw new UnreachableError(`${this.shell.session.url}: the connection was lost`);
    }
  }

  async #abort(id: number): Promise<void> {
    try {
      const isAborted = await this.shell.session.client.tasks.abort(id);
      this.#print(
        isAborted ? `Task ${id} is told to stop\n` : `Task ${id} cannot be stopped any more\n`,
      );
    } catch (error) {
      this.#print(`${printable(messageOf(error))}\n`);
    }
  }

  async #runLine(typed: string): Promise<{ readonly status: number; readonly isExit: boolean }> {
    const kept = keptLine(typed, signatureIn(this.shell));
    if (kept !== null && kept.trim() !== '') this.#history.add(kept);
    const line = typed.trim();
    if (line === '') return { status: EXIT.done, isExit: false };
    this.#line = new AbortController();
    const signal = AbortSignal.any([this.#line.signal, this.shell.session.signal]);
    try {
      await this.shell.loadPlugins();
      if (await this.#words.run(line)) return { status: EXIT.done, isExit: false };
      const text = line.includes(HIDDEN)
        ? await withHiddenValues(line, (name) => this.#askFor(name, true))
        : line;
      return await this.shell.evaluate(text, this.#shellIo(signal));
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      return { status: EXIT.interrupted, isExit: false };
    } finally {
      this.#line = null;
      this.#front = null;
      this.#progress.clear();
    }
  }

  #shellIo(signal: AbortSignal): ShellIo {
    const { input, output, env } = this.io;
    return {
      input,
      output,
      env,
      notices: this.#notices,
      signal,
      lend: (work) => this.#editor.lend(work),
      ask: ({ name, isSecret, type, description }: MissingValue) => {
        const told = [type, description].filter((text) => text !== '').join(', ');
        return this.#askFor(
          isSecret || told === '' ? name : `${name} (${printable(told)})`,
          isSecret,
        );
      },
      progress: this.#progress,
      onKey: (listener) => this.#editor.listen(listener),
      followTask: (task) => this.#follow(task, signal),
      watchTask: (task) => this.#follow(task, signal),
      onBackground: (task) => {
        this.#print(`[${task.id}] ${printable(task.name)} runs in the background\n`);
        this.#jobs.add(task);
      },
    };
  }

  #askFor(what: string, isHidden: boolean): Promise<string> {
    return this.#editor.ask(`${what}: `, { isHidden });
  }

  async #follow(task: BegunTask, signal: AbortSignal) {
    const front = new FrontTask(this.shell.session, task, this.#progress);
    this.#front = front;
    try {
      const row = await front.follow(signal);
      if (row === null) {
        this.#jobs.add(task);
        this.#line?.abort(new InterruptedError());
        return null;
      }
      for (const { message } of row.warnings) this.#print(`warning: ${printable(message)}\n`);
      if (row.state === 'FAILED') this.#print(`Task ${task.id} has failed\n`);
      if (row.state === 'FINISHED' && row.result === null) {
        this.#print(`Task ${task.id} has finished\n`);
      }
      return row;
    } finally {
      this.#front = null;
    }
  }

  /** ^C while a line runs: a task in front goes on without being watched, all else ends. */
  #onInterrupt(): void {
    const front = this.#front;
    if (front === null) {
      this.#line?.abort(new InterruptedError());
      return;
    }
    const { id } = front.task;
    this.#left = { id, atMs: performance.now() };
    front.leave();
    this.#print(`Task ${id} goes on: wait ${id}, or abort ${id}; ^C once more stops it now\n`);
  }

  #toBackground(): void {
    const front = this.#front;
    if (front === null) return;
    front.leave();
    this.#print(`[${front.task.id}] ${printable(front.task.name)} goes on in the background\n`);
  }

  #print(text: string): void {
    this.#progress.clear();
    this.#editor.print(text);
  }

  /** The server offers something else: the tree is made anew, and the place kept as far as it is there. */
  #followTree(): () => void {
    let timer: NodeJS.Timeout | undefined;
    const look = async (): Promise<void> => {
      try {
        const gone = await this.shell.refresh();
        this.#live.forget();
        if (gone !== null) this.#print(`${printable(gone)} is there no more\n`);
        this.#editor.refresh();
      } catch {
        // the next event, or the next line, finds out
      }
    };
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), SETTLE_MS);
    };
    const subscription = this.shell.session.client.events.on(TREE_EVENTS, later, { onGap: later });
    return () => {
      clearTimeout(timer);
      subscription.close();
    };
  }

  /** Whoever ends the process finds the terminal as it was. */
  #endAtSignals(): () => void {
    const end = (signal: NodeJS.Signals): void => {
      this.#editor.terminal.restore();
      process.exit(signal === 'SIGHUP' ? HANGUP : TERMINATED);
    };
    process.on('SIGTERM', end);
    process.on('SIGHUP', end);
    return () => {
      process.off('SIGTERM', end);
      process.off('SIGHUP', end);
    };
  }
}

const TERMINATED = 143;
const HANGUP = 129;
/** Services that come together are one change. */
const SETTLE_MS = 200;
const TREE_EVENTS = [
  'server.schema_document_changed',
  'server.plugin.initialized',
  'plugin.service_registered',
  'plugin.service_unregistered',
] as const;

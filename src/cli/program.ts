import { EXIT } from './exit-status.js';
import { run } from './main.js';

/** Whoever reads the answer may have seen enough, as `head` has; a full disk is worth a line. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.brokenPipe);
  process.stderr.write(`dispatcherctl: Cannot write the answer: ${error.message}\n`);
  process.exit(EXIT.failed);
});
process.stderr.on('error', () => undefined);

/** The first ^C asks the command to end, the second ends it. */
const interrupted = new AbortController();
process.on('SIGINT', () => {
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
  interrupted.abort();
});

const foreign = { hasRun: false };

process.exitCode = await run(process.argv.slice(2), {
  get input() {
    return process.stdin; // which is opened by being asked for
  },
  output: process.stdout,
  notices: process.stderr,
  env: process.env,
  interrupt: interrupted.signal,
  endAtInterrupt: () => {
    interrupted.signal.addEventListener('abort', () => process.exit(EXIT.interrupted));
  },
  endAtReturn: () => {
    foreign.hasRun = true;
  },
});

if (foreign.hasRun) {
  // behind all that was written before
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

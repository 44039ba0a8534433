import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Flags a server needs so that `perf` can name its compiled functions. V8's own sampler is not used: on virtual
 * machines its signals may be delivered at the next system call only, and a server then seems to do nothing but
 * write.
 */
export const PROFILE_EXEC_ARGV = ['--perf-basic-prof'] as const;

const SHOWN = 45;
const FREQUENCY = '1999'; // not a divisor of the timers' rhythm

/** What to record. */
export interface ProfileRequest {
  readonly pid: number;
  readonly title: string;
}

/** Records where a process spends its time while `work` runs, and prints it on stderr. Needs Linux's `perf`. */
export async function profiled<T>(request: ProfileRequest, work: () => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'dispatcher-profile-'));
  const file = join(directory, 'perf.data');
  const perf = spawn(
    'perf',
    ['record', '-q', '-g', '-F', FREQUENCY, '-p', String(request.pid), '-o', file],
    {
      stdio: 'ignore',
    },
  );
  const ended = once(perf, 'exit'); // rejects when perf is not installed
  ended.catch(() => undefined);
  try {
    return await work();
  } finally {
    perf.kill('SIGINT');
    await ended;
    print(request.title, file);
    rmSync(directory, { recursive: true, force: true });
    rmSync(`/tmp/perf-${request.pid}.map`, { force: true });
  }
}

function print(title: string, file: string): void {
  console.error(`\n${title}: self time, all code`);
  console.error(report(file, '--no-children').slice(0, SHOWN).join('\n'));
  console.error(`\n${title}: time including callees, JavaScript only`);
  const functions = report(file, '--children').filter(
    (line) => line.includes('JS:') && parseFloat(line) >= 0.5,
  );
  console.error(functions.slice(0, SHOWN).join('\n'));
}

function report(file: string, mode: '--children' | '--no-children'): readonly string[] {
  const argv = ['report', '-i', file, mode, '--sort', 'symbol', '-g', 'none', '--stdio'];
  const text = execFileSync('perf', argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 2 ** 20,
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => line.replace(/[\s-]+$/, '')); // columns of which there is nothing to say
}

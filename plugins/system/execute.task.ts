import {
  accepts,
  type Claims,
  description,
  Errno,
  InjectSettings,
  requireRoles,
  returns,
  RpcException,
  type Settings,
  Task,
  task,
  TaskException,
  VerifyException,
} from 'dispatcher';
import { ALLOWED_KEY, refusalOf, variableFault } from './execute/allowed-commands.js';
import { type CommandExit, runCommand } from './execute/command-run.js';
import { SystemCommand, SystemCommandOutcome } from './schemas/system-command.schema.js';
import { ExecuteSettings } from './system.settings.js';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_TIMEOUT_SECONDS = 60;

/** Off until a setting names programs. The server's own user runs them. */
@description('Runs a program, without a shell, within a time limit')
@task('system.execute', { abortable: true })
@accepts(SystemCommand)
@returns(SystemCommandOutcome)
@requireRoles('admin')
export class ExecuteTask extends Task {
  static override readonly earlyDescribe = 'Running a program';
  @InjectSettings(ExecuteSettings) private readonly settings!: Settings<ExecuteSettings>;

  override describe({ command, ...rest }: SystemCommand): string {
    return `Running ${[command, ...(rest.arguments ?? [])].join(' ').slice(0, 200)}`;
  }

  override verify(arg: SystemCommand): Claims {
    variablesOf(arg);
    this.#assertAllowed(arg);
    return arg.resources ?? ['system'];
  }

  override async run(arg: SystemCommand): Promise<SystemCommandOutcome> {
    this.#assertAllowed(arg); // it may have been taken back while the task waited
    this.setProgress(null, `Running ${arg.command}`);
    const begunAt = performance.now();
    const exit = await this.#execute(arg);
    const outcome: SystemCommandOutcome = {
      exit_code: exit.code,
      signal: exit.signal,
      output: exit.output.toString(),
      error_output: exit.errorOutput.toString(),
      dropped_bytes: exit.output.droppedBytes + exit.errorOutput.droppedBytes,
      duration_ms: Math.round(performance.now() - begunAt),
    };
    this.signal.throwIfAborted();
    const failure = failureOf(arg, exit);
    if (failure !== null) throw new TaskException(failure.code, failure.message, outcome);
    return outcome;
  }

  async #execute(arg: SystemCommand): Promise<CommandExit> {
    const { command, input, timeout_seconds, working_directory } = arg;
    try {
      return await runCommand(
        {
          command,
          args: arg.arguments ?? [],
          directory: working_directory ?? '/',
          environment: variablesOf(arg),
          input: input ?? '',
          timeoutMs: secondsOf(timeout_seconds) * 1_000,
        },
        this.signal,
      );
    } catch (error) {
      throw startFailure(error, arg);
    }
  }

  #assertAllowed(arg: SystemCommand): void {
    const { command } = arg;
    const reason = refusalOf(this.settings.value.allowed, {
      command,
      arguments: arg.arguments ?? [],
      environment: new Map(Object.entries(arg.environment ?? {})),
      workingDirectory: arg.working_directory ?? '/',
      input: arg.input ?? '',
    });
    if (reason === null) return;
    throw new VerifyException(
      Errno.EPERM,
      `Running ${command} is not allowed: ${reason} in the configuration key ${ALLOWED_KEY}`,
      { command, key: ALLOWED_KEY },
    );
  }
}

/**
 * The whole environment of the program.
 *
 * @throws VerifyException EINVAL for what cannot be a variable, or must not be; its `extra` names each
 */
function variablesOf({ environment }: SystemCommand): ReadonlyMap<string, string> {
  const errors: { readonly path: readonly unknown[]; readonly message: string }[] = [];
  const variables = new Map([
    ['PATH', PATH],
    ['LANG', 'C.UTF-8'],
  ]);
  for (const [name, value] of Object.entries(environment ?? {})) {
    const fault = variableFault(name, value);
    if (fault === null) variables.set(name, String(value));
    else errors.push({ path: [0, 'environment', name.slice(0, 256)], message: fault });
  }
  const [first] = errors;
  if (first === undefined) return variables;
  const message = `The variable ${String(first.path.at(-1))} ${first.message}`;
  throw new VerifyException(Errno.EINVAL, message, errors);
}

function secondsOf(timeout: number | null | undefined): number {
  return timeout ?? DEFAULT_TIMEOUT_SECONDS;
}

function failureOf(
  { command, accepted_exit_codes, timeout_seconds }: SystemCommand,
  { code, signal, isTimedOut, errorOutput }: CommandExit,
): { readonly code: Errno; readonly message: string } | null {
  if (isTimedOut) {
    const message = `${command} did not end within ${secondsOf(timeout_seconds)} s`;
    return { code: Errno.ETIMEDOUT, message };
  }
  if (code === null) {
    return { code: Errno.EINTR, message: `${command} was ended by ${signal ?? 'a signal'}` };
  }
  if ((accepted_exit_codes ?? [0]).includes(code)) return null;
  const said = errorOutput.toString().trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  const message = `${command} exited with ${code}${said === '' ? '' : `: ${said}`}`;
  return { code: Errno.EIO, message };
}

/** The kernel does not say which of the two paths it could not find. */
function startFailure(error: unknown, { command, working_directory }: SystemCommand): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (error instanceof RpcException || code === undefined) return error;
  const [errno, reason] =
    code === 'ENOENT'
      ? [Errno.ENOENT, `there is no such program, or no folder ${working_directory ?? '/'}`]
      : code === 'EACCES'
        ? [Errno.EACCES, 'permission denied']
        : code === 'E2BIG'
          ? [Errno.EINVAL, 'arguments and variables are too long']
          : [Errno.EIO, code];
  return new TaskException(
    errno,
    `Cannot run ${command}: ${reason}`,
    { command },
    { cause: error },
  );
}

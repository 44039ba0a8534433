import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

const COMPILER_OPTIONS = {
  target: 'ES2023',
  module: 'nodenext',
  rootDir: 'src',
  outDir: 'dist',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ['node'],
  // the packages that a project of its own would install
  typeRoots: [join(ROOT, 'node_modules/@types')],
  skipLibCheck: true,
};

/** A project of somebody else's that uses the package, compiled as its author would compile it. */
export class HostProject {
  private constructor(readonly directory: string) {}

  /** An empty project; `install` puts packages into it. */
  static async create(): Promise<HostProject> {
    const directory = await mkdtemp(join(tmpdir(), 'dispatcher-host-'));
    await writeFile(
      join(directory, 'package.json'),
      JSON.stringify({ name: 'host', private: true, type: 'module' }),
    );
    return new HostProject(directory);
  }

  /** The packages of this repository, linked instead of installed. */
  async link(): Promise<void> {
    const modules = join(this.directory, 'node_modules');
    await mkdir(modules);
    await symlink(ROOT, join(modules, 'dispatcher'));
    for (const name of ['@nestjs', 'reflect-metadata']) {
      await symlink(join(ROOT, 'node_modules', name), join(modules, name));
    }
  }

  /** Copies sources and compiles them to `dist`. @throws Error with what the compiler says */
  async compile(sources: string): Promise<void> {
    await cp(sources, join(this.directory, 'src'), { recursive: true });
    const config = { compilerOptions: COMPILER_OPTIONS, include: ['src'] };
    await writeFile(join(this.directory, 'tsconfig.json'), JSON.stringify(config));
    try {
      execFileSync(process.execPath, [TSC, '-p', this.directory], { encoding: 'utf8' });
    } catch (error) {
      throw new Error((error as { stdout: string }).stdout, { cause: error });
    }
  }

  /** @param program below `dist` */
  async start(
    env: Readonly<Record<string, string>> = {},
    program = 'main.js',
  ): Promise<HostProcess> {
    const child = spawn(process.execPath, [join(this.directory, 'dist', program)], {
      cwd: this.directory,
      env: { ...process.env, STATE_DIRECTORY: join(this.directory, 'state'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    const lines = createInterface({ input: child.stdout });
    const ready = new Promise<string>((resolve) => {
      lines.on('line', (line) => {
        output.push(line);
        if (line.startsWith('ready at')) resolve(line);
      });
    });
    createInterface({ input: child.stderr }).on('line', (line) => output.push(line));
    const ended = once(child, 'exit').then(() => {
      throw new Error(`It ended before it was ready: ${output.join('\n')}`);
    });
    const readyLine = await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return new HostProcess(child, readyLine, output);
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

export class HostProcess {
  constructor(
    private readonly child: ChildProcess,
    private readonly readyLine: string,
    readonly output: readonly string[],
  ) {}

  /** The first address of that scheme in the ready line. */
  address(scheme: string): string {
    return new RegExp(`${scheme}://\\S+`).exec(this.readyLine)?.[0] ?? '';
  }

  /** Asks it to end; resolves with the exit status, null when a signal had to end it. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await exited;
    }
    return this.child.exitCode;
  }
}

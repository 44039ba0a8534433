import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';

const PROGRAM = '/usr/sbin/rsyslogd';

/** Debian's syslog daemon as a process of its own, with a configuration and a socket that nobody else has. */
export class Rsyslog {
  private constructor(
    private readonly daemon: ChildProcess,
    private readonly file: string,
  ) {}

  static readonly isInstalled = existsSync(PROGRAM);

  /**
   * @param directory - for its files; what an earlier one wrote there is kept
   * @param socket - where it listens, as others do at `/dev/log`
   */
  static async start(directory: string, socket: string): Promise<Rsyslog> {
    const [configuration, file] = [join(directory, 'rsyslog.conf'), join(directory, 'messages')];
    const lines = [
      `global(workDirectory="${directory}")`,
      `module(load="imuxsock" SysSock.Use="off")`,
      `input(type="imuxsock" Socket="${socket}")`,
      `template(name="plain" type="string" string="%syslogfacility-text%.%syslogseverity-text% %syslogtag%%msg%\\n")`,
      `*.* action(type="omfile" file="${file}" template="plain")`,
    ];
    await writeFile(configuration, `${lines.join('\n')}\n`);
    const pid = join(directory, 'rsyslog.pid');
    const daemon = spawn(PROGRAM, ['-n', '-f', configuration, '-i', pid], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(socket), { timeout: 20_000 });
    return new Rsyslog(daemon, file);
  }

  /** The first line that it has written with these words, as soon as there is one. */
  async line(words: string): Promise<string> {
    const find = (): string | undefined =>
      existsSync(this.file)
        ? readFileSync(this.file, 'utf8')
            .split('\n')
            .find((line) => line.includes(words))
        : undefined;
    return vi.waitUntil(find, { timeout: 20_000 });
  }

  async stop(): Promise<void> {
    if (this.daemon.exitCode !== null) return;
    const exited = once(this.daemon, 'exit');
    this.daemon.kill('SIGTERM');
    await exited;
  }
}

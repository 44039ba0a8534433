import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The release that the guide speaks of. */
const RELEASE = 'bookworm';
const MIRROR = process.env['DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian';

/** By which the mirror may have to be reached. */
const PROXIES = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name)),
);

/**
 * A clean Debian in a folder, with nothing but what debootstrap puts there, for a test that installs
 * a package as an operator does. Needs root, debootstrap and a mirror.
 */
export class DebianRoot {
  private constructor(readonly directory: string) {}

  /** Why there can be none here; null when there can. */
  static obstacle(): string | null {
    if (process.getuid?.() !== 0) return 'only root can enter a root folder';
    const missing = ['debootstrap', 'wget', 'dpkg-deb', 'chroot'].find(
      (program) => spawnSync('which', [program]).status !== 0,
    );
    if (missing !== undefined) return `there is no ${missing}`;
    // with the program and the proxies that debootstrap will use
    const release = `${MIRROR}/dists/${RELEASE}/Release`;
    const { status } = spawnSync('wget', ['-q', '-T', '10', '-t', '2', '-O', '/dev/null', release]);
    return status === 0 ? null : `${MIRROR} does not answer`;
  }

  /** @throws Error with the last lines of debootstrap */
  static async create(): Promise<DebianRoot> {
    const root = new DebianRoot(await mkdtemp(join(tmpdir(), 'dispatcher-debian-')));
    // in memory: dpkg waits for the disk at every file
    const tmpfs = ['-t', 'tmpfs', '-o', 'size=2g,mode=755', 'tmpfs', root.directory];
    spawnSync('mount', tmpfs);
    await chmod(root.directory, 0o755); // the service's user has to come in
    const { status, stdout } = spawnSync(
      'debootstrap',
      ['--variant=minbase', RELEASE, root.directory, MIRROR],
      { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } },
    );
    if (status !== 0) {
      await root.remove();
      throw new Error(`debootstrap failed: ${stdout.split('\n').slice(-5).join('\n')}`);
    }
    // who is logged in from where is looked up there
    execFileSync('mount', ['-t', 'proc', 'proc', join(root.directory, 'proc')]);
    return root;
  }

  path(inside: string): string {
    return join(this.directory, inside);
  }

  /** Copies a package in and installs it. @throws Error with what dpkg says */
  async install(deb: string): Promise<string> {
    await copyFile(deb, this.path('tmp/package.deb'));
    return this.run(['dpkg', '-i', '/tmp/package.deb']);
  }

  /** Installs packages of Debian, and starts nothing of them. @throws Error when the mirror has them not */
  installFromMirror(packages: readonly string[]): void {
    this.run(['sh', '-c', 'printf "#!/bin/sh\\nexit 101\\n" > /usr/sbin/policy-rc.d']);
    this.run(['chmod', '755', '/usr/sbin/policy-rc.d']);
    this.run(['apt-get', 'update', '-qq']);
    this.run(['apt-get', 'install', '-qq', '-y', '--no-install-recommends', ...packages]);
  }

  /** Of all that a folder is: names, contents, modes, owners, times. */
  digest(folder: string): string {
    const listed = `find ${folder} -printf '%p %y %m %U %G %s %T@ %l\\n' | sort`;
    const contents = `find ${folder} -type f -exec sha256sum {} + | sort`;
    return this.run(['sh', '-c', `{ ${listed}; ${contents}; } | sha256sum`]);
  }

  /** The Node.js that runs this test, as the package `nodejs`: Debian 12's own is too old. */
  async installNode(): Promise<void> {
    const stage = await mkdtemp(join(tmpdir(), 'dispatcher-nodejs-'));
    await mkdir(join(stage, 'DEBIAN'));
    await mkdir(join(stage, 'usr/bin'), { recursive: true });
    await copyFile(await realpath(process.execPath), join(stage, 'usr/bin/node'));
    await chmod(join(stage, 'usr/bin/node'), 0o755);
    const control = {
      Package: 'nodejs',
      Version: `${process.versions.node}-1test`,
      Architecture: execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim(),
      Maintainer: 'a test <test@example.org>',
      Depends: 'libc6, libstdc++6',
      Description: 'Node.js of the machine',
    };
    const fields = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
    await writeFile(join(stage, 'DEBIAN/control'), fields.join(''));
    const deb = `${stage}.deb`;
    execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', stage, deb]);
    await this.install(deb);
    await Promise.all([rm(stage, { recursive: true }), rm(deb)]);
  }

  /** Runs a command inside, as root; returns what it prints. @throws Error with its error output */
  run(command: readonly string[], options: { readonly input?: string } = {}): string {
    const { status, stdout, stderr } = spawnSync('chroot', [this.directory, ...command], {
      encoding: 'utf8',
      env: {
        ...PROXIES,
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        DEBIAN_FRONTEND: 'noninteractive',
      },
      ...options,
    });
    if (status !== 0) throw new Error(`${command.join(' ')} (${status}): ${stderr}${stdout}`);
    return stdout;
  }

  /** Starts what the unit starts, as its user, with the folders that systemd would make for it. */
  async startUnit(unit: string): Promise<ChildProcess> {
    const text = await readFile(this.path(`usr/lib/systemd/system/${unit}`), 'utf8');
    const setting = (name: string): string =>
      new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
    const [user, group] = [setting('User'), setting('Group')];
    const environment: string[] = [];
    for (const [kind, parent] of [
      ['State', '/var/lib'],
      ['Runtime', '/run'],
      ['Logs', '/var/log'],
    ] as const) {
      if (setting(`${kind}Directory`) === '') continue;
      const folder = `${parent}/${setting(`${kind}Directory`)}`;
      const mode = setting(`${kind}DirectoryMode`);
      this.run(['install', '-d', '-o', user, '-g', group, '-m', mode, folder]);
      environment.push(`${kind.toUpperCase()}_DIRECTORY=${folder}`);
    }
    const command = setting('ExecStart').split(' ');
    return spawn(
      'chroot',
      [`--userspec=${user}:${group}`, this.directory, 'env', '-i', ...environment, ...command],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
  }

  async remove(): Promise<void> {
    // lazily: what a test that failed has left running there must not hide why it failed
    spawnSync('umount', ['-l', join(this.directory, 'proc')]);
    spawnSync('umount', ['-l', this.directory]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

// Builds the Debian package: node scripts/package-deb.mjs [--output FOLDER] [--fast]
// Expects what `npm run build` makes. --fast: quick to build, large; for tests.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOME = 'usr/lib/dispatcher';
/** Of the build: nothing that only tests, benchmarks and the next build need. */
const NOT_SHIPPED = /^(bench|package|\.tsbuildinfo|console\/\.stamp)/;
/** Of the dependencies: what only compilers, debuggers and their own authors read. */
const NEEDLESS =
  /(\.(map|d\.[mc]?ts|tsbuildinfo|html)|\/\.(eslint|npmignore|git|editorconfig|nycrc|prettier)[^/]*)$/;

/** Folders with binaries for a C library that Debian does not have. */
const FOREIGN = /-musl$|^musl_/;

/** Where each shell looks for what completes a command. */
const COMPLETIONS = [
  ['bash', 'usr/share/bash-completion/completions/dispatcherctl'],
  ['zsh', 'usr/share/zsh/vendor-completions/_dispatcherctl'],
  ['fish', 'usr/share/fish/vendor_completions.d/dispatcherctl.fish'],
];
/** Made of the same table as the commands. */
const { manPage } = await import(join(ROOT, 'dist/src/cli/man-page.js'));
const { SHELL_SCRIPTS } = await import(join(ROOT, 'dist/src/cli/completion/shell-scripts.js'));

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: join(ROOT, 'dist/package') },
    fast: { type: 'boolean' },
  },
});
const { version: upstream } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** With the number of the packaging behind it. */
const version = `${upstream}-1`;
const architecture = run('dpkg', ['--print-architecture']);
const stage = mkdtempSync(join(tmpdir(), 'dispatcher-deb-'));

try {
  stageServer();
  stageSystem();
  stageDocuments();
  settleModes(stage);
  stageControl();
  mkdirSync(values.output, { recursive: true });
  const file = join(values.output, `dispatcher_${version}_${architecture}.deb`);
  const compression = values.fast ? ['-Zgzip', '-z1'] : ['-Zxz'];
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', stage, file]);
  console.log(file);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** The compiled server with exactly the dependencies that the lock file names. */
function stageServer() {
  const home = join(stage, HOME);
  const built = join(ROOT, 'dist');
  cpSync(built, join(home, 'dist'), {
    recursive: true,
    filter: (path) => !NOT_SHIPPED.test(relative(built, path)),
  });
  cpSync(join(ROOT, 'templates'), join(home, 'templates'), { recursive: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) copy(name, join(HOME, name));
  run(
    'npm',
    ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'],
    home,
  );
  for (const name of [
    'package-lock.json',
    '.npmrc',
    'node_modules/.package-lock.json',
    'node_modules/.bin',
  ]) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
  const modules = join(home, 'node_modules');
  for (const path of filesBelow(modules)) if (NEEDLESS.test(path)) rmSync(path);
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory() || !FOREIGN.test(entry.name)) continue;
    rmSync(join(entry.parentPath ?? entry.path, entry.name), { recursive: true, force: true });
  }
}

function stageSystem() {
  for (const unit of ['dispatcher.service', 'dispatcher-etcd.service']) {
    copy(`packaging/systemd/${unit}`, `usr/lib/systemd/system/${unit}`);
  }
  copy('packaging/sysusers.d/dispatcher.conf', 'usr/lib/sysusers.d/dispatcher.conf');
  copy('packaging/tmpfiles.d/dispatcher.conf', 'usr/lib/tmpfiles.d/dispatcher.conf');
  copy('packaging/middleware.conf', 'etc/dispatcher/middleware.conf');
  mkdirSync(join(stage, 'etc/dispatcher/plugins'));
  mkdirSync(join(stage, 'etc/dispatcher/etcd'));
  command('usr/sbin/dispatcher', 'main.js');
  command('usr/sbin/dispatcher-etcd', 'etcd/process/main.js');
  for (const name of ['dispatcherctl', 'dispatcher-cli']) {
    command(`usr/bin/${name}`, `cli/${name}.js`, {
      DISPATCHER_CONFIG: '/etc/dispatcher/middleware.conf',
    });
  }
  for (const [shell, path] of COMPLETIONS) write(path, SHELL_SCRIPTS.get(shell));
}

function stageDocuments() {
  const documents = 'usr/share/doc/dispatcher';
  cpSync(join(ROOT, 'docs'), join(stage, documents), { recursive: true });
  copy('packaging/debian/copyright', `${documents}/copyright`);
  copy('packaging/debian/lintian-overrides', 'usr/share/lintian/overrides/dispatcher');
  write(`${documents}/changelog.gz`, compressed(readFileSync(join(ROOT, 'CHANGELOG.md'))));
  write(`${documents}/changelog.Debian.gz`, compressed(debianChangelog()));
  for (const name of ['dispatcher.8', 'dispatcher-etcd.8']) {
    const page = readFileSync(join(ROOT, 'packaging/debian', name));
    write(`usr/share/man/man8/${name}.gz`, compressed(page));
  }
  write('usr/share/man/man1/dispatcherctl.1.gz', compressed(manPage(upstream)));
  write('usr/share/man/man1/dispatcher-cli.1.gz', compressed('.so man1/dispatcherctl.1\n'));
}

function stageControl() {
  const files = filesBelow(stage);
  const size = files.reduce((sum, path) => sum + lstatSync(path).size, 0);
  const control = readFileSync(join(ROOT, 'packaging/debian/control'), 'utf8')
    .replace('@VERSION@', version)
    .replace('@ARCHITECTURE@', architecture)
    .replace('@SIZE@', String(Math.ceil(size / 1024)));
  const sums = files
    .map(
      (path) =>
        `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(stage, path)}\n`,
    )
    .join('');
  write('DEBIAN/control', control);
  write('DEBIAN/md5sums', sums);
  copy('packaging/debian/conffiles', 'DEBIAN/conffiles');
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copy(`packaging/debian/${script}`, `DEBIAN/${script}`);
    chmodSync(join(stage, 'DEBIAN', script), 0o755);
  }
}

/** A command that runs a script of the server with the system's own Node.js; what the environment says stays. */
function command(path, script, defaults = {}) {
  const lines = Object.entries(defaults).map(
    ([name, value]) => `: "\${${name}=${value}}"\nexport ${name}\n`,
  );
  const start = `exec /usr/bin/node /${HOME}/dist/src/${script} "$@"\n`;
  write(path, `#!/bin/sh\n${lines.join('')}${start}`);
}

function debianChangelog() {
  const { SOURCE_DATE_EPOCH: epoch } = process.env;
  const when = epoch === undefined ? new Date() : new Date(Number(epoch) * 1_000);
  const [maintainer] = /(?<=Maintainer: ).*/.exec(
    readFileSync(join(ROOT, 'packaging/debian/control'), 'utf8'),
  );
  return [
    `dispatcher (${version}) unstable; urgency=medium`,
    '',
    '  * See changelog.gz.',
    '',
    ` -- ${maintainer}  ${when.toUTCString().replace('GMT', '+0000')}`,
    '',
  ].join('\n');
}

/** Whatever the modes of the checkout are, everybody may read and only root may write. */
function settleModes(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) settleModes(path);
    else if (entry.isFile()) chmodSync(path, isCommand(path) ? 0o755 : 0o644);
  }
}

function isCommand(path) {
  return /^usr\/s?bin\//.test(relative(stage, path));
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function copy(from, to) {
  write(to, readFileSync(join(ROOT, from)));
}

function write(path, content) {
  mkdirSync(join(stage, dirname(path)), { recursive: true });
  writeFileSync(join(stage, path), content);
}

/** Without a time in it: the same sources give the same file. */
function compressed(content) {
  return gzipSync(content, { level: 9 });
}

function run(program, args, cwd = ROOT) {
  return execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}

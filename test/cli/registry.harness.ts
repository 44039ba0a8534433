import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';

/** Its package.json, of which name and version are needed, and its other files. */
export interface PackageSource {
  readonly manifest: Readonly<Record<string, unknown>> & { name: string; version: string };
  readonly files?: Readonly<Record<string, string>>;
}

/** As much of an npm registry as `npm pack` and `npm install` ask for. */
export class FakeRegistry {
  readonly folder = mkdtempSync(join(tmpdir(), 'registry-'));
  readonly #packages = new Map<string, Map<string, { manifest: object; tarball: Buffer }>>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(({ url = '/' }, response) => {
      const [, name = '', version] =
        /^\/(.+?)(?:\/-\/.*-(\d[^/]*)\.tgz)?$/.exec(decodeURIComponent(url)) ?? [];
      const found = this.#packages.get(name);
      const tarball = version === undefined ? null : found?.get(version)?.tarball;
      if (found === undefined || tarball === undefined) response.writeHead(404).end('{}');
      else response.end(tarball ?? JSON.stringify(this.#document(name, found)));
    });
  }

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** For npm to know of no other registry, nor of what it fetched before. */
  get env(): Readonly<Record<string, string>> {
    return { npm_config_registry: this.url, npm_config_cache: join(this.folder, 'cache') };
  }

  publish({ manifest, files = {} }: PackageSource): void {
    const root = join(this.folder, 'package');
    rmSync(root, { recursive: true, force: true });
    for (const [path, text] of Object.entries({
      'package.json': JSON.stringify(manifest),
      ...files,
    })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const file = join(this.folder, 'package.tgz');
    create({ file, cwd: this.folder, gzip: true, sync: true }, ['package']);
    this.publishArchive(manifest, readFileSync(file));
  }

  publishArchive(manifest: PackageSource['manifest'], tarball: Buffer): void {
    const versions = this.#packages.get(manifest.name) ?? new Map<string, never>();
    this.#packages.set(manifest.name, versions.set(manifest.version, { manifest, tarball }));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #document(name: string, found: Map<string, { manifest: object; tarball: Buffer }>): object {
    const versions = Array.from(found, ([version, { manifest, tarball }]) => [
      version,
      {
        ...manifest,
        dist: {
          tarball: `${this.url}/${name}/-/${name.split('/').at(-1) ?? ''}-${version}.tgz`,
          integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
        },
      },
    ]);
    return {
      name,
      'dist-tags': { latest: [...found.keys()].at(-1) },
      versions: Object.fromEntries(versions) as object,
    };
  }
}

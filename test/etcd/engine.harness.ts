import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DiskCommitEngine } from '../../src/etcd/engine/index.js';
import {
  type AtomicSet,
  DEFAULT_METADATA,
  type EtcdEventName,
  type FileMetadata,
  type Generation,
  type GenerationReport,
  Redactor,
  type RenderedFile,
} from '../../src/etcd/model/index.js';
import { type EngineSettings, engineOn } from './engine-on.js';

export interface ToldEvent {
  readonly name: EtcdEventName;
  readonly args: Readonly<Record<string, unknown>>;
}

/** An engine on folders of its own, with what it told. */
export class EngineHarness {
  readonly events: ToldEvent[] = [];
  readonly lines: string[] = [];
  readonly restored: string[][] = [];
  readonly redactor = new Redactor();
  link: (method: string, args: readonly unknown[]) => Promise<unknown> = () =>
    Promise.resolve(null);
  engine: DiskCommitEngine;
  #generations = 0;

  private constructor(
    readonly folder: string,
    private readonly settings: EngineSettings,
  ) {
    this.engine = this.#make();
  }

  static async start(settings: EngineSettings = {}): Promise<EngineHarness> {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-engine-'));
    const harness = new EngineHarness(folder, settings);
    onTestFinished(async () => {
      await harness.engine.close();
      await rm(folder, { recursive: true, force: true });
    });
    await mkdir(harness.root, { recursive: true });
    await harness.engine.open();
    return harness;
  }

  get root(): string {
    return this.settings.root ?? join(this.folder, 'root');
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  at(name: string): string {
    return join(this.root, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.at(name), 'utf8');
  }

  /** All names below the root, and below another folder. */
  async names(): Promise<string[]> {
    return (await readdir(this.root, { recursive: true })).sort();
  }

  /** Which file it is and when it was written. */
  async identity(name: string): Promise<string> {
    const { ino, mtimeNs, ctimeNs } = await stat(this.at(name), { bigint: true });
    return `${ino} ${mtimeNs} ${ctimeNs}`;
  }

  /** A file that was rendered; null: it must not exist. */
  file(
    name: string,
    content: string | Uint8Array | null,
    metadata: Partial<FileMetadata> = {},
  ): RenderedFile {
    return {
      name,
      path: metadata.path ?? this.at(name),
      metadata: { ...DEFAULT_METADATA, ...metadata },
      rendering:
        content === null
          ? { kind: 'absent' }
          : {
              kind: 'content',
              content: typeof content === 'string' ? Buffer.from(content) : content,
            },
      isSensitive: metadata.sensitive === true,
      set: null,
      directory: '/plugins',
    };
  }

  generation(
    files: readonly RenderedFile[],
    more: { atomicSets?: readonly AtomicSet[]; confirmSeconds?: number } = {},
  ): Generation {
    this.#generations += 1;
    const id = `g${this.#generations}-${process.pid}`;
    return { id, reason: 'call', startedAt: new Date(), files, atomicSets: [], ...more };
  }

  apply(
    files: readonly RenderedFile[],
    more: { atomicSets?: readonly AtomicSet[]; confirmSeconds?: number } = {},
  ): Promise<GenerationReport> {
    return this.engine.apply(this.generation(files, more));
  }

  async manage(files: readonly RenderedFile[]): Promise<void> {
    await this.engine.manage(files);
  }

  /** Another engine on the same folders, as after a start. */
  async restart(): Promise<void> {
    await this.engine.close();
    this.engine = this.#make();
    await this.engine.open();
  }

  told(name: EtcdEventName): readonly ToldEvent['args'][] {
    return this.events.filter((event) => event.name === name).map(({ args }) => args);
  }

  #make(): DiskCommitEngine {
    const log = (message: string): void => void this.lines.push(message);
    return engineOn(this.folder, this.settings, {
      events: { emit: (name, args) => void this.events.push({ name, args: { ...args } }) },
      link: { isConnected: true, call: (method, args) => this.link(method, args) },
      logger: { trace: log, debug: log, info: log, warn: log, error: log },
      redactor: this.redactor,
      restore: (names) => {
        this.restored.push([...names]);
        return Promise.resolve();
      },
    });
  }
}

/** Outcomes by name. */
export function outcomes({ files }: GenerationReport): Record<string, string> {
  return Object.fromEntries(files.map(({ name, outcome }) => [name, outcome]));
}

import { relative } from 'node:path';
import { readFile, stat } from 'node:fs/promises';
import { isDispatcherError, messageOf } from '../../common/index.js';
import type {
  DataSource,
  FileError,
  FileMetadata,
  Redactor,
  RenderedFile,
  Rendering,
  Target,
} from '../model/index.js';
import { assertClosed, type LoadedTarget, targetPath } from '../plugins/index.js';
import { type RenderedContent, type SourceRef, toDataText } from '../worker/index.js';
import { withBanner } from './banner.js';
import type { RenderWorker } from './render-worker.js';
import type { DataSourcePort } from './data-port.js';
import { Snapshot, type SnapshotView } from './snapshot.js';

export interface FileRenderingOptions {
  readonly worker: RenderWorker;
  readonly redactor: Redactor;
  readonly root: string;
  readonly allowedRoots: readonly string[];
  readonly fileBytes: number;
}

/** What rendering a target gives: its files, and what they depend on. */
export interface RenderedTarget {
  readonly target: Target;
  /** One; of a file set as many as it has. None of a set that failed but itself, as failed. */
  readonly files: readonly RenderedFile[];
  /** Of a set that was rendered: what is not among its files is to be removed. */
  readonly isWholeSet: boolean;
  readonly dependencies: readonly string[];
}

/** Makes the content of files: data from the snapshot, the rest in the other process. */
export class FileRendering {
  constructor(private readonly options: FileRenderingOptions) {}

  /** What one generation sees of the data. */
  snapshotOf(data: DataSourcePort): Snapshot {
    return new Snapshot(data, this.options.redactor);
  }

  /** Never rejects: what went wrong is in the result. */
  async render(target: LoadedTarget, snapshot: Snapshot): Promise<RenderedTarget> {
    const view = snapshot.view();
    const done = (files: readonly RenderedFile[], isWholeSet = false): RenderedTarget => ({
      target,
      files,
      isWholeSet,
      dependencies: view.dependencies,
    });
    try {
      if (!(await isEnabled(target.metadata, view))) {
        return done([this.#file(target, { kind: 'disabled' }, view)]);
      }
      const rendered = await this.#make(target, view);
      if ('set' in rendered) return done(this.#setFiles(target, rendered.set, view), true);
      return done([this.#file(target, rendered.rendering, view)]);
    } catch (error) {
      return done([this.#file(target, failed(this.#redacted(faultOf(error))), view)]);
    }
  }

  async #make(
    target: LoadedTarget,
    view: SnapshotView,
  ): Promise<{ readonly rendering: Rendering } | { readonly set: Contents }> {
    if (target.renderer === 'static') {
      const { size } = await stat(target.source);
      this.#assertSize(size);
      return { rendering: { kind: 'content', content: await readFile(target.source) } };
    }
    const source: SourceRef = {
      directory: target.directory,
      relative: relative(target.directory, target.source),
      renderer: target.renderer,
    };
    const data = toDataText(await readData(target.metadata.data, view), (one) => view.refer(one));
    const outcome = await this.options.worker.render(
      { source, data, template: target.template },
      view,
    );
    if ('error' in outcome) throw new RenderFault(outcome.error);
    const { ok } = outcome;
    if (ok.kind === 'absent') return { rendering: { kind: 'absent' } };
    if (ok.kind === 'set') return { set: ok.files };
    return { rendering: { kind: 'content', content: this.#bytes(target, ok.content) } };
  }

  #bytes({ metadata, directory, source }: Target, content: RenderedContent): Uint8Array {
    const bytes =
      'text' in content
        ? Buffer.from(withBanner(content.text, metadata.comment, relative(directory, source)))
        : Buffer.from(content.base64, 'base64');
    this.#assertSize(bytes.byteLength);
    return bytes;
  }

  #assertSize(size: number): void {
    const { fileBytes } = this.options;
    if (size <= fileBytes) return;
    throw new Error(`the content has ${size} bytes, etcd.limits.file-bytes allows ${fileBytes}`);
  }

  #setFiles(target: LoadedTarget, contents: Contents, view: SnapshotView): RenderedFile[] {
    return Object.entries(contents).map(([child, content]) => {
      const name = `${target.name}/${child}`;
      const path = `${target.path}/${child}`;
      const one: Target = { ...target, name, path };
      try {
        targetPath(child, null, this.options);
        const rendering = { kind: 'content', content: this.#bytes(target, content) } as const;
        return { ...this.#file(one, rendering, view), set: target.name };
      } catch (error) {
        return {
          ...this.#file(one, failed(this.#redacted(faultOf(error))), view),
          set: target.name,
        };
      }
    });
  }

  #file(target: Target, rendering: Rendering, view: SnapshotView): RenderedFile {
    const { name, path, metadata, directory } = target;
    const isSensitive = metadata.sensitive !== false || view.hasRevealed;
    const file = { name, path, metadata, directory, set: null, isSensitive };
    if (!view.hasRevealed || metadata.sensitive === 'accepted') return { ...file, rendering };
    try {
      assertClosed(metadata.mode);
      return { ...file, rendering };
    } catch (error) {
      return { ...file, rendering: failed({ message: messageOf(error) }) };
    }
  }

  #redacted<T extends { readonly message: string }>(fault: T): T {
    return { ...fault, message: this.options.redactor.redact(fault.message) };
  }
}

type Contents = Readonly<Record<string, RenderedContent>>;
type Fault = Omit<FileError, 'stage'>;

class RenderFault extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof RenderFault) return error.fault;
  const message = messageOf(error);
  return isDispatcherError(error) ? { message, code: error.code } : { message };
}

function failed(fault: Fault): Rendering {
  return { kind: 'failed', error: { stage: 'render', ...fault } };
}

async function isEnabled({ enabled }: FileMetadata, view: SnapshotView): Promise<boolean> {
  return typeof enabled === 'boolean' ? enabled : (await view.read(enabled)) === true;
}

async function readData(
  sources: Readonly<Record<string, DataSource>>,
  view: SnapshotView,
): Promise<Readonly<Record<string, unknown>>> {
  const values = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => [name, await view.read(source)] as const),
  );
  return Object.fromEntries(values);
}

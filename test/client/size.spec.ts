import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'client-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a page carries that imports these names: bytes of minified code, compressed. */
async function sizeOf(face: string): Promise<number> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    root: folder,
    build: {
      write: false,
      minify: true,
      lib: { entry: fileURLToPath(new URL(face, import.meta.url)), formats: ['es'] },
    },
  });
  const [{ output }] = result as unknown as [{ output: readonly { readonly code?: string }[] }];
  const code = output.map((chunk) => chunk.code ?? '').join('');
  expect(code).not.toContain('plugin.register_service');
  return gzipSync(code, { level: 9 }).length;
}

it('the client is less than 14 kB in a page, without what offers services', async () => {
  const bytes = await sizeOf('../../src/client/index.ts');
  process.stdout.write(`${bytes} bytes\n`);
  expect(bytes).toBeGreaterThan(4_000);
  expect(bytes).toBeLessThan(14_000);
});

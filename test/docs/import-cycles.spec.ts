import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['src', 'plugins', 'console', 'bench'];

/** Whom each file imports, for types only as well; what comes from packages is left out. */
function importGraph(): Map<string, readonly string[]> {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.spec.ts'))
      .map((name) => join(folder, name)),
  );
  const known = new Set(files);
  return new Map(files.map((file) => [file, importsOf(file).filter((one) => known.has(one))]));
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .flatMap(({ fileName }) => {
      const path = normalize(join(dirname(file), fileName));
      return [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')];
    });
}

/** Files that reach each other (Tarjan's strongly connected components), the larger than one. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const numbers = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): number => {
    const number = numbers.size;
    let lowest = number;
    numbers.set(file, number);
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      const seen = numbers.get(next);
      if (seen === undefined) lowest = Math.min(lowest, visit(next));
      else if (open.includes(next)) lowest = Math.min(lowest, seen);
    }
    if (lowest === number) {
      const members = open.splice(open.indexOf(file));
      if (members.length > 1) cycles.push(members.sort());
    }
    return lowest;
  };
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file);
  return cycles;
}

it('finds a cycle where there is one', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', ['c', 'e']],
    ['e', []],
  ]);
  expect(cyclesOf(graph)).toEqual([['a', 'b', 'c', 'd']]);
});

it('no file imports itself by way of others, be it for a type', () => {
  const graph = importGraph();
  expect(graph.size).toBeGreaterThan(500);
  expect(cyclesOf(graph)).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';

/** What a figure depends on besides the code. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    versions: {
      node: process.versions.node,
      ws: versionOf('ws'),
      nest: versionOf('@nestjs/core'),
      'class-validator': versionOf('class-validator'),
    },
  };
}

function versionOf(name: string): string {
  // Not every package exports its package.json, so the file is looked for on the module paths.
  const { paths } = createRequire(import.meta.url).resolve;
  for (const directory of paths(name) ?? []) {
    try {
      const text = readFileSync(`${directory}/${name}/package.json`, 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      continue; // not in this folder
    }
  }
  return 'unknown';
}

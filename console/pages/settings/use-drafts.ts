import { useState } from 'preact/hooks';
import {
  empty,
  fill,
  type FormNode,
  isEqual,
  type Json,
  type JsonObject,
  read,
} from '../../forms/index.js';
import { schemaIndex } from '../../state/registry.js';
import type { SettingRow } from './setting-field.js';

/** What was typed and not saved yet, by key. It outlives leaving the page. */
let kept: ReadonlyMap<string, FormNode> = new Map();

export interface Drafts {
  readonly nodes: ReadonlyMap<string, FormNode>;
  readonly set: (key: string, node: FormNode) => void;
  readonly forget: (keys: readonly string[]) => void;
}

export function useDrafts(): Drafts {
  const [nodes, setNodes] = useState(kept);
  const change = (next: ReadonlyMap<string, FormNode>): void => {
    kept = next;
    setNodes(next);
  };
  return {
    nodes,
    set: (key, node) => change(new Map([...kept, [key, node]])),
    forget: (keys) => change(new Map([...kept].filter(([key]) => !keys.includes(key)))),
  };
}

/** The form of a setting as it is on the server. */
export function nodeOf(row: SettingRow, values: JsonObject): FormNode {
  const value = values[row.key];
  const index = schemaIndex.value;
  if (row.secret || value === undefined) return empty(row.schema, index);
  return fill(row.schema, value, index);
}

/** Whether what was typed is another value than the server's. */
export function isOther(row: SettingRow, node: FormNode, values: JsonObject): boolean {
  const { value, problems } = read(node);
  if (problems.length > 0) return true;
  if (row.secret) return value !== undefined && !isBlankSecret(value);
  return value !== undefined && !isEqual(value, values[row.key] ?? null);
}

function isBlankSecret(value: Json): boolean {
  return value === '' || (typeof value === 'object' && Object.values(value ?? {})[0] === '');
}

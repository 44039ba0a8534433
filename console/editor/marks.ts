import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import type { Problem } from '../forms/index.js';

/** A place in the text at which something is wrong. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** Where a text is no JSON, or else where its value is not as it should be. */
export function marksOf(text: string, problems: readonly Problem[]): readonly Mark[] {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first !== undefined) {
    const from = Math.min(first.offset, text.length);
    return [{ from, to: Math.min(from + first.length, text.length), message: 'This is no JSON' }];
  }
  if (root === undefined) return [];
  return problems.map(({ path, message }) => ({ ...rangeOf(root, path), message }));
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is missing has no place of its own: what it is missing from has one. */
function rangeOf(root: Node, path: Problem['path']): Range {
  let node = root;
  for (const part of path) {
    const next = findNodeAtLocation(node, [node.type === 'array' ? Number(part) : String(part)]);
    if (next === undefined) break;
    node = next;
  }
  return rangeOfNode(node);
}

/** A list or an object is marked where it begins, with its name: to underline all of it says nothing. */
function rangeOfNode(node: Node): Range {
  const isLarge = node.type === 'object' || node.type === 'array';
  const end = node.offset + (isLarge ? 1 : node.length);
  const start = node.parent?.type === 'property' ? node.parent.offset : node.offset;
  return { from: start, to: end };
}

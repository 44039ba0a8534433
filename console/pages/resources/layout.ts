import { Graph as DagreGraph, layout } from '@dagrejs/dagre';
import type { RESOURCE_ROW } from '../../../src/wire/index.js';
import type { Shown } from '../../state/shown.js';

export type ResourceRow = Shown<typeof RESOURCE_ROW>;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  readonly edges: readonly { readonly id: string; readonly path: string }[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export const CHARACTER_PX = 7.3;
const HEIGHT_PX = 40;
const MARGIN_PX = 24;
/** Of the window: a phone's. */
const NARROW_PX = 720;

/**
 * Places for the resources, from what is depended on at the left to what depends at the right; closer
 * together where the drawing would be wider than `across` pixels.
 */
export function draw(rows: readonly ResourceRow[], across: number): Drawing {
  const isNarrow = across < NARROW_PX;
  const graph = new DagreGraph();
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 14,
    ranksep: isNarrow ? 18 : 56,
    marginx: isNarrow ? 8 : MARGIN_PX,
    marginy: MARGIN_PX,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(rows.map(({ name }) => name));
  for (const { name } of rows) {
    graph.setNode(name, {
      width: isNarrow
        ? 16 + Math.max(8, Math.min(20, name.length)) * CHARACTER_PX
        : 24 + Math.max(20, Math.min(40, name.length)) * CHARACTER_PX,
      height: HEIGHT_PX,
    });
  }
  for (const { name, parents } of rows) {
    for (const parent of parents) if (known.has(parent)) graph.setEdge(parent, name);
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: graph.nodes().map((name) => ({
      name,
      ...(graph.node(name) as Point & { width: number; height: number }),
    })),
    edges: graph.edges().map((edge) => ({
      id: `${edge.v}\n${edge.w}`,
      path: curve((graph.edge(edge) as { points: Point[] }).points),
    })),
  };
}

/** Through the middles of the segments, so that bends are round. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const end = rest.pop();
  if (first === undefined || end === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1] ?? end;
    path += `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  }
  return `${path}L${end.x} ${end.y}`;
}

import { type FormNode, type Path, pathKey } from '../forms/index.js';

/** Problems by the place that they are at. */
export type ProblemMap = ReadonlyMap<string, readonly string[]>;

export interface EditProps<N extends FormNode = FormNode> {
  readonly node: N;
  readonly path: Path;
  readonly problems: ProblemMap;
  readonly onChange: (node: FormNode) => void;
  readonly id: string;
  /** What a screen reader reads for a control without a label of its own. */
  readonly label: string;
}

export function isWrong({ problems, path }: EditProps): boolean {
  return problems.has(pathKey(path));
}

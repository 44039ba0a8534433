import { type FormNode, type Path, pathBelow, pathKey, type Problem } from '../forms/index.js';

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
  /** The element that describes it. */
  readonly aboutId?: string | undefined;
  /** The element that says what is wrong with it. */
  readonly problemId?: string | undefined;
}

export function isWrong({ problems, path }: EditProps): boolean {
  return problems.has(pathKey(path));
}

/** What is wrong at a place and below it, by the way from there. */
export function problemsBelow(problems: ProblemMap, path: Path): readonly Problem[] {
  return [...problems].flatMap(([key, messages]) => {
    const rest = pathBelow(key, path);
    return rest === null ? [] : messages.map((message) => ({ path: rest, message }));
  });
}

/** What a screen reader says of a control besides its value. */
export function spokenOf(props: EditProps) {
  const problemId = isWrong(props) ? props.problemId : undefined;
  return {
    'aria-label': props.label,
    'aria-invalid': isWrong(props),
    'aria-describedby': [props.aboutId, problemId].filter(Boolean).join(' ') || undefined,
    'aria-errormessage': problemId,
  };
}

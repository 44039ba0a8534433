import { type Path, pathBelow, pathKey } from '../forms/index.js';
import type { ProblemMap } from './edit-props.js';

interface ProblemsProps {
  /** Of the element, so that the control can name it. */
  readonly id: string;
  readonly path: Path;
  readonly problems: ProblemMap;
  readonly label: string;
}

/** What is wrong at one place, after the name of the place. */
export function Problems({ id, path, problems, label }: ProblemsProps) {
  const messages = problems.get(pathKey(path)) ?? [];
  if (messages.length === 0) return null;
  return (
    <div id={id}>
      {messages.map((message) => (
        <p key={message} class="problem">
          <span aria-hidden="true">▲</span>
          {sentence(label, message)}
        </p>
      ))}
    </div>
  );
}

/** Messages of the checker and of the server go on after a name. */
function sentence(label: string, message: string): string {
  return /^[a-z]/.test(message) ? `${label} ${message}` : message;
}

interface ProblemListProps {
  readonly problems: ProblemMap;
  /** What the value as a whole is called. */
  readonly root: string;
}

/** What is wrong with a value that is written as JSON, in words: the marks in the text are for the eye. */
export function ProblemList({ problems, root }: ProblemListProps) {
  return (
    <ul class="stack tight">
      {[...problems].flatMap(([place, messages]) =>
        messages.map((message) => (
          <li key={`${place} ${message}`} class="problem">
            <span>
              <span class="mono">{pathBelow(place, [])?.join('.') || root}</span> {message}
            </span>
          </li>
        )),
      )}
    </ul>
  );
}

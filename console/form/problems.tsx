import { type Path, pathKey } from '../forms/index.js';
import type { ProblemMap } from './edit-props.js';

/** What is wrong at one place, after the name of the place. */
export function Problems({
  path,
  problems,
  label,
}: {
  readonly path: Path;
  readonly problems: ProblemMap;
  readonly label: string;
}) {
  return (
    <>
      {(problems.get(pathKey(path)) ?? []).map((message) => (
        <p key={message} class="field problem">
          {/^[a-z]/.test(message) ? `${label} ${message}` : message}
        </p>
      ))}
    </>
  );
}

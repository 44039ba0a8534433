import { linkTo } from '../../state/router.js';
import type { WaitReason } from '../../state/tasks.js';

/** Why a task waits, one sentence for each reason, with the way through the graph. */
export function WaitReasons({ waits }: { readonly waits: readonly WaitReason[] }) {
  return (
    <ul class="stack tight" aria-label="Why it waits">
      {waits.map((reason, index) => (
        <li key={index} class="notice warn">
          <div class="stack tight">
            <p>
              <WaitSentence reason={reason} />
            </p>
            {reason.path !== undefined && reason.path.length > 1 && (
              <p class="mono small">{reason.path.join(' → ')}</p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** One reason in words. */
export function WaitSentence({
  reason: { relation, claim, resource, task },
}: {
  readonly reason: WaitReason;
}) {
  const other =
    task === undefined ? 'another task' : <a href={linkTo('tasks', String(task))}>task {task}</a>;
  const wanted =
    claim === undefined ? 'What it claims' : <span class="mono">{claim.resource}</span>;
  switch (relation) {
    case 'held':
      return (
        <>
          It wants {wanted}; {other} holds <span class="mono">{resource}</span>.
        </>
      );
    case 'precedes':
      return (
        <>
          It wants {wanted}; {other} came before it and waits for{' '}
          <span class="mono">{resource}</span>.
        </>
      );
    case 'missing':
      return <>There is no resource {wanted}; an earlier task may still make it.</>;
    case 'verifying':
      return <>What it needs is still being worked out.</>;
    case 'order':
      return <>It keeps its turn: {other} came before it and is still being looked at.</>;
    case 'executor':
      return <>Its locks are free; every executor is busy at the moment.</>;
  }
}

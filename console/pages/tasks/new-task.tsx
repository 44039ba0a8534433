import { useMemo, useRef, useState } from 'preact/hooks';
import type { PLAN } from '../../../src/wire/index.js';
import { call, isReady } from '../../connection/session.js';
import type { CallError } from '../../connection/session.js';
import { ArgumentsPanel } from '../../form/arguments-panel.js';
import { serverProblems, visibleProblems } from '../../form/problem-lists.js';
import { checkNow, toMap, useChecked } from '../../form/use-checked.js';
import { useExample } from '../../form/use-example.js';
import {
  type ArgumentsForm,
  emptyArguments,
  fillArguments,
  parametersOf,
  parseArguments,
  type Problem,
  readArguments,
} from '../../forms/index.js';
import { CodePanel } from '../../parts/code-panel.js';
import { Icon } from '../../parts/icon.js';
import { NavList } from '../../parts/nav-list.js';
import { Empty, Failure } from '../../parts/states.js';
import { drafts } from '../../state/calls.js';
import { schemaIndex, type TaskClass, tasks } from '../../state/registry.js';
import { go, linkTo, route } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';

/** Task classes at the side, the form of the chosen one beside them. */
export function NewTask() {
  const name = route.value.query.get('task') ?? '';
  const all = tasks.value;
  const items = useMemo(
    () =>
      all.map((task) => ({
        id: task.name,
        label: task.name,
        group: task.name.split('.')[0] ?? '',
        about: task.description ?? '',
      })),
    [all],
  );
  const task = all.find((candidate) => candidate.name === name);
  return (
    <div class={`split ${name === '' ? '' : 'chosen'}`}>
      <NavList
        title="New task"
        items={items}
        selected={name}
        onSelect={(id) => go('tasks', 'new', { task: id })}
      >
        <a href={linkTo('tasks')}>All tasks</a>
      </NavList>
      <section class="detail" aria-label="New task">
        {task === undefined ? (
          <Empty>
            <p>
              {all.length === 0
                ? 'No plugin offers a task. One that does appears here by itself.'
                : 'Choose what is to be done. “Plan” tells what a task would do and lock before it does it.'}
            </p>
          </Empty>
        ) : (
          <TaskForm key={task.name} task={task} />
        )}
      </section>
    </div>
  );
}

type Plan = Shown<typeof PLAN>;

function TaskForm({ task }: { readonly task: TaskClass }) {
  const parameters = useMemo(
    () =>
      parametersOf({
        schemas: task.schema ?? [],
        names: null,
        minimum: task.required,
      }),
    [task],
  );
  const key = `task ${task.name}`;
  const [form, setForm] = useState<ArgumentsForm>(() => {
    const linked = parseArguments(route.value.query.get('args') ?? '');
    return linked === null
      ? (drafts.get(key) ?? emptyArguments(parameters, schemaIndex.value))
      : fillArguments(parameters, linked, schemaIndex.value);
  });
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const [error, setError] = useState<CallError | null>(null);
  const [plan, setPlan] = useState<Plan | null>(null);
  const { problems, unchecked } = useChecked(form);
  const { args } = readArguments(form);
  const change = (next: ArgumentsForm): void => {
    drafts.set(key, next);
    setRefused([]);
    setForm(next);
  };
  const attempt = async (method: 'task.plan' | 'task.submit'): Promise<void> => {
    setTried(true);
    setError(null);
    setPlan(null);
    if ((await checkNow(form)).problems.length > 0) return;
    setBusy(true);
    try {
      const answer = await call(method, [task.name, readArguments(form).args]);
      if (method === 'task.submit') go('tasks', String(Number(answer)));
      else setPlan(answer as unknown as Plan);
    } catch (failure) {
      setError(failure as CallError);
      setRefused(serverProblems(failure as CallError, parameters));
    }
    setBusy(false);
  };
  const example = useExample(parameters, task.required, change);
  const section = useRef<HTMLFormElement>(null);
  return (
    <div class="columns">
      <header class="stack tight">
        <p class="small">
          <a href={linkTo('tasks')}>Tasks</a> <span class="muted">/ new</span>
        </p>
        <div class="row wrap">
          <h1 class="mono">{task.name}</h1>
          {task.abortable && <span class="tag">can be aborted</span>}
          {task.private && <span class="tag">private</span>}
        </div>
        {task.description !== null && <p>{task.description}</p>}
      </header>
      <div class="pair">
        <ArgumentsPanel
          section={section}
          form={form}
          problems={toMap([...visibleProblems(problems, args, isTried), ...refused])}
          unchecked={unchecked}
          isFilling={example.isFilling}
          onChange={change}
          onSubmit={() => void attempt('task.submit')}
        >
          <div class="row wrap">
            <button type="submit" class="button primary" disabled={!isReady.value || isBusy}>
              <Icon name="play" size={14} /> Submit
            </button>
            <button
              type="button"
              class="button"
              disabled={!isReady.value || isBusy}
              onClick={() => void attempt('task.plan')}
            >
              Plan
            </button>
            {isTried && problems.length > 0 && (
              <span class="muted small" role="status">
                {problems.length} to mend
              </span>
            )}
            <button type="button" class="button quiet small end" onClick={example.fill}>
              Example
            </button>
          </div>
        </ArgumentsPanel>
        <section class="panel" aria-label="Plan">
          <header>
            <h2>Plan</h2>
          </header>
          <div class="body stack">
            {error !== null && <Failure error={error} />}
            {plan === null && error === null && (
              <p class="muted">“Plan” says what the task would do and lock, and does nothing.</p>
            )}
            {plan !== null && (
              <dl class="definition">
                <dt>It would do</dt>
                <dd>{plan.description?.message ?? '–'}</dd>
                <dt>It would lock</dt>
                <dd class="mono">
                  {plan.resources
                    .map((claim) =>
                      typeof claim === 'string' ? claim : `${claim.resource} (${claim.mode})`,
                    )
                    .join(', ') || 'nothing'}
                </dd>
              </dl>
            )}
          </div>
        </section>
      </div>
      <CodePanel
        deed={{
          kind: 'task',
          name: task.name,
          args: readArguments(form, { hidesSecrets: true }).args,
        }}
      />
    </div>
  );
}

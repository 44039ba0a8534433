import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call, type CallError, isReady } from '../connection/session.js';
import {
  type ArgumentsForm,
  emptyArguments,
  fillArguments,
  type Json,
  parametersOf,
  type Problem,
  readArguments,
} from '../forms/index.js';
import { Failure } from '../parts/states.js';
import { methods, schemaIndex } from '../state/registry.js';
import { ArgumentsEditor } from './arguments-editor.js';
import { focusFault, focusFirstField } from './focus.js';
import { serverProblems, visibleProblems } from './problem-lists.js';
import { checkNow, toMap, useChecked } from './use-checked.js';

interface MethodFormProps {
  /** Full name of the method that is called. */
  readonly method: string;
  /** Leading arguments that are not asked for. */
  readonly fixed?: readonly Json[];
  /** What the others have at first. */
  readonly values?: readonly Json[];
  /** Names for them, where the server knows none. */
  readonly labels?: readonly string[];
  /** What the button says. */
  readonly action: string;
  readonly onDone: (answer: Json) => void;
  readonly onCancel: () => void;
  /** Shown between the fields and the buttons, made from what is typed. */
  readonly below?: (
    args: readonly Json[],
    fill: (args: readonly Json[]) => void,
  ) => ComponentChildren;
}

/** The form of a method, made from its schema, that calls it: errors stand at the fields. */
export function MethodForm(props: MethodFormProps) {
  const { method, fixed = [], values, labels, action, onDone, onCancel } = props;
  const known = methods.value.find(({ path }) => path === method);
  const parameters = useMemo(() => {
    const items = known?.['params-schema']?.items ?? [];
    const least = known?.['params-schema']?.minItems ?? items.length;
    return parametersOf({
      schemas: items.slice(fixed.length),
      names: labels ?? known?.parameters?.slice(fixed.length) ?? null,
      minimum: least - fixed.length,
    });
  }, [known]);
  const [form, setForm] = useState<ArgumentsForm>(() =>
    values === undefined
      ? emptyArguments(parameters, schemaIndex.value)
      : fillArguments(parameters, values, schemaIndex.value),
  );
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const section = useRef<HTMLFormElement>(null);
  const { problems } = useChecked(form);
  const { args } = readArguments(form);
  const shown = toMap([...visibleProblems(problems, args, isTried), ...refused]);
  const change = (next: ArgumentsForm): void => {
    setRefused([]);
    setForm(next);
  };
  const submit = async (): Promise<void> => {
    setTried(true);
    setError(null);
    if (isBusy || !isReady.value) return;
    if ((await checkNow(form)).problems.length > 0) {
      focusFault(section);
      return;
    }
    setBusy(true);
    try {
      onDone(await call(method, [...fixed, ...readArguments(form).args]));
    } catch (failure) {
      const placed = serverProblems(failure as CallError, [...fixed.map(unnamed), ...parameters]);
      setRefused(
        placed.map(({ path: [first, ...rest], message }) => ({
          path: [Number(first) - fixed.length, ...rest],
          message,
        })),
      );
      setError(failure as Error);
      focusFault(section);
    }
    setBusy(false);
  };
  useEffect(() => focusFirstField(section), []);
  return (
    <form
      ref={section}
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ArgumentsEditor form={form} problems={shown} view="form" onChange={change} />
      {props.below?.(args, (next) => change(fillArguments(parameters, next, schemaIndex.value)))}
      {error !== null && <Failure error={error} />}
      <div class="row">
        <button type="submit" class="button primary" disabled={!isReady.value || isBusy}>
          {action}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

const unnamed = () => ({ label: '', schema: true, isRequired: true }) as const;

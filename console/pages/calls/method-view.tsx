import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isReady } from '../../connection/session.js';
import { ArgumentsPanel } from '../../form/arguments-panel.js';
import { focusFault } from '../../form/focus.js';
import { checkNow, toMap, useChecked } from '../../form/use-checked.js';
import { useExample } from '../../form/use-example.js';
import { visibleProblems, serverProblems } from '../../form/problem-lists.js';
import {
  type ArgumentsForm,
  emptyArguments,
  fillArguments,
  type Json,
  parametersOf,
  parseArguments,
  type Problem,
  readArguments,
} from '../../forms/index.js';
import { CodePanel } from '../../parts/code-panel.js';
import { Confirm } from '../../parts/confirm.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Icon } from '../../parts/icon.js';
import { Tabs } from '../../parts/tabs.js';
import { linkTo, rewrite, route } from '../../state/router.js';
import { calls, drafts, forgetAnswer, send } from '../../state/calls.js';
import { schemaIndex, type Method } from '../../state/registry.js';
import { AnswerPanel } from './answer-panel.js';
import { MethodAbout, Returns } from './method-about.js';
import { SavedPanel } from './saved-panel.js';
import { HistoryPanel } from './history-panel.js';

/** Longer addresses are cut by mail programs and chats: such arguments are not put into one. */
const MAX_ADDRESS = 6_000;

/** Nobody wants that by mistake. */
const ENDS_SERVER: ReadonlySet<string> = new Set(['management.shutdown', 'management.die']);

/** One method: what it is, its form, its answer. */
export function MethodView({ method }: { readonly method: Method }) {
  const parameters = useMemo(
    () =>
      parametersOf({
        schemas: method['params-schema']?.items ?? [],
        names: method.parameters,
        minimum: method['params-schema']?.minItems ?? method['params-schema']?.items.length ?? 0,
      }),
    [method],
  );
  const [form, setForm] = useDraft(method.path, parameters);
  const [isTried, setTried] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const { problems, unchecked } = useChecked(form);
  const section = useRef<HTMLFormElement>(null);
  const state = calls.value.get(method.path);
  const isRunning = state?.phase === 'running';
  const { args } = readArguments(form);
  const shown = toMap([...visibleProblems(problems, args, isTried), ...refused]);

  const change = (next: ArgumentsForm): void => {
    setRefused([]);
    setForm(next);
  };
  const keptArgs = (): readonly Json[] => readArguments(form, { hidesSecrets: true }).args;
  const sendNow = (): void => {
    const read = readArguments(form).args;
    setRefused([]);
    send({
      method: method.path,
      isStream: method.generator,
      args: read,
      keptArgs: keptArgs(),
      onDone: ({ error }) => setRefused(serverProblems(error, form.parameters)),
    });
  };
  const submit = async (): Promise<void> => {
    if (!isReady.value || isRunning) return;
    const found = (await checkNow(form)).problems;
    setTried(true);
    if (found.length === 0 && ENDS_SERVER.has(method.path)) setAsked(true);
    else if (found.length === 0) sendNow();
    else focusFault(section);
  };
  useEffect(() => {
    if (refused.length > 0) focusFault(section);
  }, [refused]);
  const required = parameters.findLastIndex(({ isRequired }) => isRequired) + 1;
  const example = useExample(parameters, required, change);
  const openCount = problems.length;
  return (
    <div class="columns">
      <MethodAbout method={method} />
      <div class="call">
        <ArgumentsPanel
          section={section}
          form={form}
          problems={shown}
          unchecked={unchecked}
          isFilling={example.isFilling}
          onChange={change}
          onSubmit={() => void submit()}
          onEscape={() => isRunning && state.stop()}
        >
          <div class="row wrap">
            {/* not disabled while it runs: the focus would be lost */}
            <button
              type="submit"
              class="button primary"
              disabled={!isReady.value}
              aria-disabled={isRunning}
            >
              <Icon name="play" size={14} /> Call
            </button>
            {!isReady.value && (
              <span class="muted small" role="status">
                No connection: nothing can be called for the moment.
              </span>
            )}
            {isRunning && (
              <button type="button" class="button" onClick={state.stop}>
                <Icon name="stop" size={14} /> Stop
              </button>
            )}
            {isTried && openCount > 0 && (
              <>
                <span class="muted small" role="status">
                  {openCount} to mend
                </span>
                <button type="button" class="button quiet small" onClick={sendNow}>
                  Send anyway
                </button>
              </>
            )}
            <span class="end row">
              {parameters.length > 0 && (
                <button type="button" class="button quiet small" onClick={example.fill}>
                  Example
                </button>
              )}
              {parameters.length > 0 && (
                <button
                  type="button"
                  class="button quiet small"
                  onClick={() => change(emptyArguments(parameters, schemaIndex.value))}
                >
                  Clear
                </button>
              )}
              <CopyButton
                label="Link"
                text={() => `${location.origin}/${addressOf(method.path, form)}`}
              />
            </span>
          </div>
        </ArgumentsPanel>
        <AnswerPanel method={method} state={state} />
        <Tabs
          label="More of the method"
          tabs={[
            {
              id: 'code',
              label: 'Code',
              render: () => (
                <CodePanel
                  deed={{
                    kind: method.generator ? 'stream' : 'call',
                    name: method.path,
                    args: keptArgs(),
                  }}
                />
              ),
            },
            {
              id: 'history',
              label: 'History',
              render: () => (
                <HistoryPanel
                  method={method.path}
                  onOpen={(values) => {
                    forgetAnswer(method.path);
                    change(fillArguments(parameters, values, schemaIndex.value));
                  }}
                />
              ),
            },
            { id: 'returns', label: 'Returns', render: () => <Returns method={method} /> },
            {
              id: 'saved',
              label: 'Saved',
              render: () => <SavedPanel method={method.path} args={keptArgs()} />,
            },
          ]}
        />
      </div>
      {isAsked && (
        <Confirm
          title={`Call ${method.path}?`}
          action="Call it"
          cancel="Leave it"
          onConfirm={sendNow}
          onClose={() => setAsked(false)}
        >
          <p>It ends the server, for everybody who is connected.</p>
        </Confirm>
      )}
    </div>
  );
}

function addressOf(method: string, form: ArgumentsForm): string {
  const { args } = readArguments(form, { hidesSecrets: true });
  return args.length === 0
    ? linkTo('calls', method)
    : linkTo('calls', method, { args: JSON.stringify(args) });
}

/** What was typed for a method: from the address, else from before, else nothing; the address follows. */
function useDraft(
  method: string,
  parameters: ArgumentsForm['parameters'],
): [ArgumentsForm, (form: ArgumentsForm) => void] {
  const linked = route.value.query.get('args');
  const first = (): ArgumentsForm => {
    const values = linked === null ? null : parseArguments(linked);
    if (values !== null) return fillArguments(parameters, values, schemaIndex.value);
    const draft = drafts.get(method);
    if (draft === undefined) return emptyArguments(parameters, schemaIndex.value);
    // the method may have got another schema since: what was typed is filled in anew
    return draft.parameters === parameters
      ? draft
      : fillArguments(parameters, readArguments(draft).args, schemaIndex.value);
  };
  const [form, setForm] = useState(first);
  const known = useRef(parameters);
  useEffect(() => {
    if (known.current === parameters) return;
    known.current = parameters;
    setForm((old) => fillArguments(parameters, readArguments(old).args, schemaIndex.value));
  }, [parameters]);
  useEffect(() => {
    if (linked !== null) setForm(first());
  }, [linked]);
  const change = (next: ArgumentsForm): void => {
    drafts.set(method, next);
    setForm(next);
  };
  useEffect(() => {
    const timer = setTimeout(() => {
      const address = addressOf(method, form);
      if (address.length < MAX_ADDRESS && route.value.item === method) rewrite(address);
    }, 300);
    return () => clearTimeout(timer);
  }, [form]);
  return [form, change];
}

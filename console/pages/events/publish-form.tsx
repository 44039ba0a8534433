import { useId, useMemo, useState } from 'preact/hooks';
import { type CallError, isReady, publish } from '../../connection/session.js';
import { ArgumentsEditor } from '../../form/arguments-editor.js';
import { serverProblems, visibleProblems } from '../../form/problem-lists.js';
import { checkNow, toMap, useChecked } from '../../form/use-checked.js';
import {
  emptyArguments,
  isObject,
  type Parameter,
  parametersOf,
  type Problem,
  readArguments,
  type Schema,
} from '../../forms/index.js';
import { Failure } from '../../parts/states.js';
import { eventTypes, schemaIndex } from '../../state/registry.js';

/** An event of no registered type takes any object. */
const ANY_OBJECT: Schema = { type: 'object' };

/** Publishes an event: its type from a list or a name of one's own, its arguments by the type's schema. */
export function PublishForm() {
  const listId = useId();
  const [name, setName] = useState('');
  const type = eventTypes.value.find((known) => known.name === name);
  const schema = (type?.event_schema as Schema | null | undefined) ?? ANY_OBJECT;
  const parameters = useMemo(
    () => parametersOf({ schemas: [schema], names: ['arguments'], minimum: 1 }),
    [schema],
  );
  return (
    <section class="panel" aria-label="Publish an event">
      <div class="body stack">
        <div class="row wrap">
          <label class="row">
            <span>Event</span>
            <input
              class="input mono"
              list={listId}
              autocomplete="off"
              spellcheck={false}
              placeholder="my.event"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <datalist id={listId}>
            {eventTypes.value.map((known) => (
              <option key={known.name} value={known.name} />
            ))}
          </datalist>
          {type?.description != null && <span class="muted small">{type.description}</span>}
          {type === undefined && name !== '' && (
            <span class="muted small">No such type is registered: any object will do.</span>
          )}
        </div>
        <EventArguments key={type?.name ?? ''} name={name} parameters={parameters} />
      </div>
    </section>
  );
}

interface EventArgumentsProps {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

function EventArguments({ name, parameters }: EventArgumentsProps) {
  const [form, setForm] = useState(() => emptyArguments(parameters, schemaIndex.value));
  const [isTried, setTried] = useState(false);
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const [verdict, setVerdict] = useState<CallError | string | null>(null);
  const { problems } = useChecked(form);
  const { args } = readArguments(form);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    setVerdict(null);
    const [given] = readArguments(form).args;
    if ((await checkNow(form)).problems.length > 0 || !isObject(given)) return;
    try {
      await publish(name, given);
      setVerdict(`The server took ${name}.`);
    } catch (error) {
      setVerdict(error as CallError);
      setRefused(serverProblems(error as CallError, form.parameters));
    }
  };
  return (
    <form class="stack" aria-label="Arguments" noValidate onSubmit={(event) => void send(event)}>
      <ArgumentsEditor
        form={form}
        problems={toMap([...visibleProblems(problems, args, isTried), ...refused])}
        view="form"
        onChange={(next) => {
          setRefused([]);
          setForm(next);
        }}
      />
      <div class="row wrap">
        <button type="submit" class="button primary" disabled={!isReady.value || name === ''}>
          Publish
        </button>
        {typeof verdict === 'string' && (
          <span class="small" role="status">
            {verdict}
          </span>
        )}
      </div>
      {verdict !== null && typeof verdict !== 'string' && <Failure error={verdict} />}
    </form>
  );
}

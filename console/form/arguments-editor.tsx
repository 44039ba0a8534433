import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { JsonEditor } from '../editor/json-editor.js';
import {
  type ArgumentsForm,
  fillArguments,
  parseArguments,
  readArguments,
  type Schema,
} from '../forms/index.js';
import { schemaIndex } from '../state/registry.js';
import { Control } from './control.js';
import { type ProblemMap, problemsBelow } from './edit-props.js';
import { Field } from './field.js';
import { ControlOfParts } from './part-control.js';

interface EditorProps {
  readonly form: ArgumentsForm;
  readonly problems: ProblemMap;
  readonly view: 'form' | 'json';
  readonly onChange: (form: ArgumentsForm) => void;
}

/** The arguments of a call: as a form or as JSON, two views of one value. */
export function ArgumentsEditor({ form, problems, view, onChange }: EditorProps) {
  if (view === 'json') return <JsonView form={form} problems={problems} onChange={onChange} />;
  if (form.parameters.length === 0) {
    return <p class="muted">It takes no arguments.</p>;
  }
  const change = (index: number, more: Partial<ArgumentsForm['args'][number]>): void =>
    onChange({
      ...form,
      args: form.args.map((arg, at) => (at === index ? { ...arg, ...more } : arg)),
    });
  return (
    <ControlOfParts.Provider value={Control}>
      <div class="fields">
        {form.parameters.map(({ label, schema, isRequired }, index) => {
          const arg = form.args[index];
          if (arg === undefined) return null;
          if (!arg.isPresent) {
            return (
              <div class="unset" key={index}>
                <button
                  type="button"
                  class="add"
                  onClick={() => change(index, { isPresent: true })}
                >
                  + {label}
                </button>
                <span class="muted small">optional argument</span>
              </div>
            );
          }
          return (
            <Field
              key={index}
              node={arg.node}
              path={[index]}
              problems={problems}
              schema={schema}
              label={label}
              isRequired={isRequired}
              onChange={(node) => change(index, { node })}
              action={
                !isRequired && (
                  <button
                    type="button"
                    class="button quiet small"
                    aria-label={`Unset ${label}`}
                    onClick={() => change(index, { isPresent: false })}
                  >
                    Unset
                  </button>
                )
              }
            />
          );
        })}
      </div>
    </ControlOfParts.Provider>
  );
}

/**
 * Text that is no JSON yet stays as it is; as soon as it is some, the form follows. What fills the form
 * from elsewhere (an example, the history) is written here too.
 */
function JsonView({ form, problems, onChange }: Omit<EditorProps, 'view'>) {
  const args = readArguments(form).args;
  const [text, setText] = useState(() => JSON.stringify(args, null, 2));
  const known = useRef(JSON.stringify(args));
  const schema = useMemo(() => listOf(form), [form.parameters]);
  const isBroken = parseArguments(text) === null;
  const take = (typed: string): void => {
    setText(typed);
    const values = parseArguments(typed);
    if (values === null) return;
    const next = fillArguments(form.parameters, values, schemaIndex.value);
    known.current = JSON.stringify(readArguments(next).args);
    onChange(next);
  };
  // not later: what is typed meanwhile would be taken for something from elsewhere
  useLayoutEffect(() => {
    const now = JSON.stringify(args);
    if (now === known.current) return;
    known.current = now;
    setText(JSON.stringify(args, null, 2));
  }, [form]);
  return (
    <div class="stack tight">
      <JsonEditor
        label="Arguments as JSON"
        text={text}
        schema={schema}
        problems={problemsBelow(problems, [])}
        onText={take}
      />
      {isBroken && <p class="problem">This is no JSON array yet; the form keeps what it had.</p>}
    </div>
  );
}

function listOf({ parameters }: ArgumentsForm): Schema {
  return {
    type: 'array',
    items: parameters.map(({ schema }) => schema),
    additionalItems: false,
  };
}

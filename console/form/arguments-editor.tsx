import { useState } from 'preact/hooks';
import {
  type ArgumentsForm,
  fillArguments,
  parseArguments,
  readArguments,
} from '../forms/index.js';
import { schemaIndex } from '../state/registry.js';
import { Control } from './control.js';
import type { ProblemMap } from './edit-props.js';
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
  if (view === 'json') return <JsonView form={form} onChange={onChange} />;
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

/** Text that is no JSON yet stays as it is; as soon as it is some, the form follows. */
function JsonView({ form, onChange }: Pick<EditorProps, 'form' | 'onChange'>) {
  const [text, setText] = useState(() => JSON.stringify(readArguments(form).args, null, 2));
  const isBroken = parseArguments(text) === null;
  const take = (typed: string): void => {
    setText(typed);
    const values = parseArguments(typed);
    if (values !== null) onChange(fillArguments(form.parameters, values, schemaIndex.value));
  };
  return (
    <div class="stack tight">
      <textarea
        class="area"
        rows={Math.min(24, Math.max(8, text.split('\n').length + 1))}
        spellcheck={false}
        aria-label="Arguments as JSON"
        aria-invalid={isBroken}
        value={text}
        onInput={(event) => take(event.currentTarget.value)}
      />
      {isBroken && (
        <p class="field problem">This is no JSON array yet; the form keeps what it had.</p>
      )}
    </div>
  );
}

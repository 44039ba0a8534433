import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import {
  fill,
  type FormNode,
  jsonNode,
  read,
  type Schema,
  summaryOf,
  wordsOf,
} from '../forms/index.js';
import { schemaIndex } from '../state/registry.js';
import type { EditProps } from './edit-props.js';
import { PartControl } from './part-control.js';
import { Problems } from './problems.js';

interface FieldProps extends Omit<EditProps, 'id'> {
  readonly schema: Schema;
  readonly isRequired: boolean;
  readonly action?: ComponentChildren;
}

/** One row of a form: name and type, the control, the description, what is wrong. */
export function Field({
  node,
  path,
  problems,
  onChange,
  label,
  schema,
  isRequired,
  action,
}: FieldProps) {
  const id = useId();
  const { description } = wordsOf(schema, schemaIndex.value);
  const isGroup = node.kind === 'object' || node.kind === 'list' || node.kind === 'alternatives';
  return (
    <div
      class="field"
      role={isGroup ? 'group' : undefined}
      aria-labelledby={isGroup ? `${id}-name` : undefined}
    >
      <div class="top">
        {isGroup ? (
          <span class="name" id={`${id}-name`}>
            {label}
          </span>
        ) : (
          <label for={id}>{label}</label>
        )}
        <span class="type ellipsis">{summaryOf(schema, schemaIndex.value)}</span>
        {isRequired && <span class="need">required</span>}
        <span class="end row">
          {action}
          <JsonToggle node={node} schema={schema} label={label} onChange={onChange} />
        </span>
      </div>
      {description !== null && (
        <p class="about" id={`${id}-about`}>
          {description}
        </p>
      )}
      <PartControl
        node={node}
        path={path}
        problems={problems}
        onChange={onChange}
        id={id}
        label={label}
        aboutId={description === null ? undefined : `${id}-about`}
        problemId={`${id}-problem`}
      />
      <Problems id={`${id}-problem`} path={path} problems={problems} label={label} />
    </div>
  );
}

interface ToggleProps {
  readonly node: FormNode;
  readonly schema: Schema;
  readonly label: string;
  readonly onChange: (node: FormNode) => void;
}

/** Any part of a form can be written as JSON, and back where it has the form that is expected. */
function JsonToggle({ node, schema, label, onChange }: ToggleProps) {
  const shape = schemaIndex.value.shapeOf(schema);
  if (shape.kind === 'any' || shape.kind === 'never') return null;
  const isJson = node.kind === 'json';
  const toggle = (): void => {
    const { value, problems } = read(node);
    if (!isJson) onChange(jsonNode(schema, value));
    else if (problems.length === 0 && value !== undefined)
      onChange(fill(schema, value, schemaIndex.value));
  };
  return (
    <button
      type="button"
      class="button quiet small"
      aria-pressed={isJson}
      aria-label={isJson ? `Form of ${label}` : `Write ${label} as JSON`}
      tabIndex={-1}
      onClick={toggle}
    >
      {isJson ? 'Form' : '{ }'}
    </button>
  );
}

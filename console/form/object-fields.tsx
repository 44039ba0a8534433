import { useState } from 'preact/hooks';
import {
  empty,
  extraSchema,
  type FormNode,
  type Path,
  pathKey,
  type Property,
  type Schema,
} from '../forms/index.js';
import { Icon } from '../parts/icon.js';
import { matchWords } from '../parts/match.js';
import { schemaIndex } from '../state/registry.js';
import type { EditProps, ProblemMap } from './edit-props.js';
import { Field } from './field.js';

type ObjectNode = Extract<FormNode, { kind: 'object' }>;
type ObjectField = ObjectNode['fields'][number];

/** More fields that are not set are searched. */
const MAX_LISTED = 24;

export function ObjectFields({ node, path, problems, onChange, label }: EditProps<ObjectNode>) {
  const shape = schemaIndex.value.shapeOf(node.schema);
  if (shape.kind !== 'object') return null;
  const properties = new Map(shape.properties.map((property) => [property.name, property]));
  const change = (name: string, more: Partial<ObjectField>): void =>
    onChange({
      ...node,
      fields: node.fields.map((field) => (field.name === name ? { ...field, ...more } : field)),
    });
  const absent = node.fields.filter((field) => !isShown(field, properties, problems, path));
  return (
    <div class="nest">
      {node.fields.map((field) => {
        const property = properties.get(field.name);
        if (property === undefined || absent.includes(field)) return null;
        return (
          <Present
            key={field.name}
            field={field}
            property={property}
            path={[...path, field.name]}
            problems={problems}
            onChange={(more) => change(field.name, more)}
          />
        );
      })}
      <Extras
        node={node}
        path={path}
        problems={problems}
        schema={extraSchema(shape)}
        onChange={onChange}
      />
      <Absent
        label={label}
        fields={absent.filter(({ name }) => properties.get(name)?.isReadOnly !== true)}
        onAdd={(name) => {
          const field = node.fields.find((other) => other.name === name);
          change(name, {
            isPresent: true,
            node: field?.node ?? empty(properties.get(name)?.schema ?? true, schemaIndex.value),
          });
        }}
        onExtra={
          shape.extra === false
            ? null
            : () =>
                onChange({
                  ...node,
                  extras: [
                    ...node.extras,
                    {
                      key: node.nextKey,
                      name: '',
                      node: empty(extraSchema(shape), schemaIndex.value),
                    },
                  ],
                  nextKey: node.nextKey + 1,
                })
        }
      />
    </div>
  );
}

function isShown(
  { name, isPresent }: ObjectField,
  properties: ReadonlyMap<string, Property>,
  problems: ProblemMap,
  path: Path,
): boolean {
  return (
    isPresent || properties.get(name)?.isRequired === true || problems.has(pathKey([...path, name]))
  );
}

interface PresentProps {
  readonly field: ObjectField;
  readonly property: Property;
  readonly path: Path;
  readonly problems: ProblemMap;
  readonly onChange: (more: Partial<ObjectField>) => void;
}

function Present({ field, property, path, problems, onChange }: PresentProps) {
  const { name, schema, isRequired } = property;
  return (
    <Field
      node={field.node ?? empty(schema, schemaIndex.value)}
      path={path}
      problems={problems}
      schema={schema}
      label={name}
      isRequired={isRequired}
      onChange={(node) => onChange({ node, isPresent: true })}
      action={
        !isRequired && (
          <button
            type="button"
            class="button quiet small"
            aria-label={`Unset ${name}`}
            onClick={() => onChange({ isPresent: false })}
          >
            Unset
          </button>
        )
      }
    />
  );
}

interface AbsentProps {
  readonly label: string;
  readonly fields: readonly ObjectField[];
  readonly onAdd: (name: string) => void;
  readonly onExtra: (() => void) | null;
}

/** What may be given and is not: one press away. */
function Absent({ label, fields, onAdd, onExtra }: AbsentProps) {
  const [filter, setFilter] = useState('');
  if (fields.length === 0 && onExtra === null) return null;
  const isLong = fields.length > MAX_LISTED;
  const shown = (isLong ? fields.filter(({ name }) => matchWords(name, filter)) : fields).slice(
    0,
    MAX_LISTED,
  );
  return (
    <div class="unset" role="group" aria-label={`Fields of ${label} that are not set`}>
      {isLong && (
        <input
          class="input"
          type="search"
          placeholder={`Search ${fields.length} more fields`}
          aria-label={`Search fields of ${label}`}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      {shown.map(({ name }) => (
        <button key={name} type="button" class="add" onClick={() => onAdd(name)}>
          + {name}
        </button>
      ))}
      {onExtra !== null && (
        <button type="button" class="add" onClick={onExtra}>
          + property…
        </button>
      )}
    </div>
  );
}

interface ExtrasProps {
  readonly node: ObjectNode;
  readonly path: Path;
  readonly problems: ProblemMap;
  readonly schema: Schema;
  readonly onChange: (node: FormNode) => void;
}

/** Properties whose names are the caller's own. */
function Extras({ node, path, problems, schema, onChange }: ExtrasProps) {
  const change = (key: number, more: object): void =>
    onChange({
      ...node,
      extras: node.extras.map((extra) => (extra.key === key ? { ...extra, ...more } : extra)),
    });
  return (
    <>
      {node.extras.map((extra) => (
        <Field
          key={extra.key}
          node={extra.node}
          path={[...path, extra.name]}
          problems={problems}
          schema={schema}
          label={extra.name === '' ? 'property' : extra.name}
          isRequired={false}
          onChange={(changed) => change(extra.key, { node: changed })}
          action={
            <>
              <input
                class="input mono"
                aria-label="Name of the property"
                placeholder="name"
                value={extra.name}
                onInput={(event) => change(extra.key, { name: event.currentTarget.value })}
              />
              <button
                type="button"
                class="button quiet icon small"
                aria-label={`Remove ${extra.name}`}
                onClick={() =>
                  onChange({ ...node, extras: node.extras.filter(({ key }) => key !== extra.key) })
                }
              >
                <Icon name="close" size={14} />
              </button>
            </>
          }
        />
      ))}
    </>
  );
}

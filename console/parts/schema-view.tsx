import { useState } from 'preact/hooks';
import { referenceIn, type Schema, summaryOf, wordsOf } from '../forms/index.js';
import { schemaIndex } from '../state/registry.js';
import { linkTo } from '../state/router.js';

const MAX_ROWS = 60;

/** A schema in words: names, types, what they are for. References are links, and unfold. */
export function SchemaView({
  schema,
  depth = 0,
}: {
  readonly schema: Schema;
  readonly depth?: number;
}) {
  const shape = schemaIndex.value.shapeOf(schema);
  const [limit, setLimit] = useState(MAX_ROWS);
  const { description } = wordsOf(schema, schemaIndex.value);
  const rows =
    shape.kind === 'object'
      ? [
          ...shape.properties.map(({ name, schema: inner, isRequired }) => ({
            name,
            inner,
            isRequired,
          })),
          ...(typeof shape.extra === 'object'
            ? [{ name: 'any name', inner: shape.extra as Schema, isRequired: false }]
            : []),
        ]
      : shape.kind === 'list'
        ? [
            ...shape.places.map((inner, index) => ({
              name: `${index}`,
              inner,
              isRequired: index < shape.minimum,
            })),
            ...(shape.rest === false || shape.rest === true
              ? []
              : [{ name: 'each', inner: shape.rest, isRequired: false }]),
          ]
        : shape.kind === 'alternatives'
          ? shape.options.map(({ label, schema: inner }) => ({
              name: label,
              inner,
              isRequired: false,
            }))
          : [];
  return (
    <div class="stack tight">
      {depth === 0 && (
        <p>
          <Type schema={schema} />
          {description !== null && <span class="muted"> — {description}</span>}
        </p>
      )}
      {rows.length > 0 && (
        <div class="schema-list">
          {rows.slice(0, limit).map(({ name, inner, isRequired }, index) => (
            <Row key={index} name={name} schema={inner} isRequired={isRequired} depth={depth} />
          ))}
          {rows.length > limit && (
            <button type="button" class="add" onClick={() => setLimit(limit * 10)}>
              {rows.length - limit} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
  readonly depth: number;
}

function Row({ name, schema, isRequired, depth }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const { description } = wordsOf(schema, schemaIndex.value);
  const shape = schemaIndex.value.shapeOf(schema);
  const hasParts =
    (shape.kind === 'object' && shape.properties.length > 0) ||
    (shape.kind === 'list' && shape.rest !== true) ||
    shape.kind === 'alternatives';
  return (
    <div class="schema-row">
      <span class="mono">
        {name}
        {isRequired && (
          <span class="muted" title="required">
            {' '}
            *
          </span>
        )}
      </span>
      <span>
        <Type schema={schema} />{' '}
        {hasParts && (
          <button
            type="button"
            class="button quiet small"
            aria-expanded={isOpen}
            aria-label={`Parts of ${name}`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'fold' : 'unfold'}
          </button>
        )}
        {description !== null && <div class="muted">{description}</div>}
      </span>
      {isOpen && <SchemaView schema={schema} depth={depth + 1} />}
    </div>
  );
}

function Type({ schema }: { readonly schema: Schema }) {
  const name = referenceIn(schema);
  const text = summaryOf(schema, schemaIndex.value);
  return (
    <span class="mono">{name === null ? text : <a href={linkTo('schemas', name)}>{text}</a>}</span>
  );
}

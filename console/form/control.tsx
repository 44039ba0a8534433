import { JsonEditor } from '../editor/json-editor.js';
import type { FormNode, TextNode } from '../forms/index.js';
import { wordOf } from '../forms/index.js';
import { Alternatives } from './alternatives.js';
import { Extended } from './extended.js';
import { type EditProps, problemsBelow, spokenOf } from './edit-props.js';
import { Line } from './line.js';
import { List } from './list.js';
import { ObjectFields } from './object-fields.js';
import { Choice } from './choice.js';

/** The control of a node, by what the node is. */
export function Control(props: EditProps) {
  const { node } = props;
  switch (node.kind) {
    case 'text':
      return <Text {...props} node={node} />;
    case 'number':
      return (
        <Line
          {...props}
          text={node.text}
          mode="decimal"
          onText={(text) => props.onChange({ ...node, text })}
        />
      );
    case 'boolean':
      return (
        <span class="switch">
          <input
            id={props.id}
            type="checkbox"
            {...spokenOf(props)}
            checked={node.value}
            onChange={(event) => props.onChange({ ...node, value: event.currentTarget.checked })}
          />
          <span class="mono muted">{String(node.value)}</span>
        </span>
      );
    case 'constant':
      return (
        <output id={props.id} class="mono muted">
          {wordOf(node.value)}
        </output>
      );
    case 'choice':
      return <Choice {...props} node={node} />;
    case 'extended':
      return <Extended {...props} node={node} />;
    case 'list':
      return <List {...props} node={node} />;
    case 'object':
      return <ObjectFields {...props} node={node} />;
    case 'alternatives':
      return <Alternatives {...props} node={node} />;
    case 'json':
      return <Raw {...props} node={node} />;
  }
}

/** One line until there is more in it. */
function Text(props: EditProps<TextNode>) {
  const { node, onChange } = props;
  const onText = (text: string): void => onChange({ ...node, text });
  if (!node.text.includes('\n') && node.text.length < 200)
    return <Line {...props} text={node.text} mode="text" onText={onText} />;
  return <Area {...props} text={node.text} onText={onText} />;
}

function Raw(props: EditProps<Extract<FormNode, { kind: 'json' }>>) {
  const { node, path, problems, onChange } = props;
  return (
    <JsonEditor
      id={props.id}
      label={props.label}
      text={node.text}
      schema={node.schema}
      problems={problemsBelow(problems, path)}
      describedBy={spokenOf(props)['aria-describedby']}
      onText={(text) => onChange({ ...node, text })}
    />
  );
}

interface AreaProps extends EditProps {
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Area(props: AreaProps) {
  return (
    <textarea
      id={props.id}
      class="area"
      rows={Math.min(16, Math.max(2, props.text.split('\n', 17).length))}
      spellcheck={false}
      value={props.text}
      {...spokenOf(props)}
      onInput={(event) => props.onText(event.currentTarget.value)}
    />
  );
}

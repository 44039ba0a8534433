import { useId, useState } from 'preact/hooks';
import type { FormNode } from '../forms/index.js';
import { wordOf } from '../forms/index.js';
import { type EditProps, isWrong, spokenOf } from './edit-props.js';

/** More options are searched, not looked through. */
const MAX_LISTED = 60;
const SHOWN = 50;

type ChoiceNode = Extract<FormNode, { kind: 'choice' }>;

export function Choice(props: EditProps<ChoiceNode>) {
  const { node, onChange, id } = props;
  if (node.options.length > MAX_LISTED) return <SearchedChoice {...props} />;
  return (
    <select
      id={id}
      class="select mono"
      {...spokenOf(props)}
      value={node.index === null ? '' : String(node.index)}
      onChange={({ currentTarget: { value } }) =>
        onChange({ ...node, index: value === '' ? null : Number(value) })
      }
    >
      <option value="">Choose…</option>
      {node.options.map((option, index) => (
        <option key={index} value={String(index)}>
          {wordOf(option)}
        </option>
      ))}
    </select>
  );
}

/** A text box over the options: ten thousand of them cost as much as fifty. */
function SearchedChoice(props: EditProps<ChoiceNode>) {
  const { node, onChange, id } = props;
  const listId = useId();
  const current = node.index === null ? '' : wordOf(node.options[node.index]);
  const [text, setText] = useState(current);
  const typed = text.toLowerCase();
  const shown = node.options
    .map(wordOf)
    .filter((option) => option.toLowerCase().includes(typed))
    .slice(0, SHOWN);
  const take = (value: string): void => {
    setText(value);
    const index = node.options.findIndex((option) => wordOf(option) === value);
    onChange({ ...node, index: index === -1 ? null : index });
  };
  return (
    <>
      <input
        id={id}
        class="input mono"
        list={listId}
        autocomplete="off"
        placeholder={`Search ${node.options.length} options`}
        value={text}
        {...spokenOf(props)}
        aria-invalid={isWrong(props) || (text !== '' && node.index === null)}
        onInput={(event) => take(event.currentTarget.value)}
      />
      <datalist id={listId}>
        {shown.map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
    </>
  );
}

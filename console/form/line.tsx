import { type EditProps, spokenOf } from './edit-props.js';

const SECRET = { type: 'password' } as const;
const PLAIN = { type: 'text' } as const;

interface LineProps extends EditProps {
  readonly text: string;
  readonly mode: 'text' | 'decimal';
  readonly onText: (text: string) => void;
  readonly isSecret?: boolean;
  readonly placeholder?: string;
}

/** A text of one line. Numbers are text too: a browser's number box swallows what it does not understand. */
export function Line(props: LineProps) {
  return (
    <input
      id={props.id}
      class="input mono"
      {...(props.isSecret === true ? SECRET : PLAIN)}
      inputMode={props.mode}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      value={props.text}
      placeholder={props.placeholder ?? ''}
      {...spokenOf(props)}
      onInput={(event) => props.onText(event.currentTarget.value)}
    />
  );
}

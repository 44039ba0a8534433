import { useState } from 'preact/hooks';
import { Icon } from './icon.js';

/** Copies a text that is made when it is asked for, and says that it did. */
export function CopyButton({
  label,
  text,
  isSmall = true,
}: {
  readonly label: string;
  readonly text: () => string;
  readonly isSmall?: boolean;
}) {
  const [isDone, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text());
    setDone(true);
    setTimeout(() => setDone(false), 1_500);
  };
  return (
    <button
      type="button"
      class={`button quiet ${isSmall ? 'small' : ''}`}
      onClick={() => void copy()}
    >
      <Icon name="copy" size={14} />
      <span aria-live="polite">{isDone ? 'Copied' : label}</span>
    </button>
  );
}

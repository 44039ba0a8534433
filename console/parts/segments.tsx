interface SegmentsProps<Id extends string> {
  /** What is chosen here, for a screen reader. */
  readonly label: string;
  readonly options: readonly { readonly id: Id; readonly label: string }[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  readonly size?: 'normal' | 'small';
}

/** One of a few, all in sight. */
export function Segments<Id extends string>(props: SegmentsProps<Id>) {
  const { label, options, value, onChange, size = 'normal' } = props;
  return (
    <div class={`segments ${size === 'small' ? 'small' : ''}`} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          aria-pressed={option.id === value}
          onClick={() => onChange(option.id)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

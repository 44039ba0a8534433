import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly onClose: () => void;
  readonly size?: 'normal' | 'wide';
}

/** Over the page; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, children, onClose, size = 'normal' }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class={size === 'wide' ? 'wide' : ''}
      aria-labelledby={id}
      onClose={onClose}
    >
      <div class="body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

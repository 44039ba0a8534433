import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Failure } from './states.js';

interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says that does it. */
  readonly action: string;
  readonly cancel: string;
  readonly onConfirm: () => void | Promise<void>;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone. The focus is on what does nothing; an error is shown in place. */
export function Confirm({ title, children, action, cancel, onConfirm, onClose }: ConfirmProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = async (): Promise<void> => {
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <div class="body">
        <h2 id={id}>{title}</h2>
        {children}
        {error !== null && <Failure error={error} />}
        <div class="row">
          <button type="button" class="button danger" onClick={() => void confirm()}>
            {action}
          </button>
          <button type="button" class="button" autoFocus onClick={onClose}>
            {cancel}
          </button>
        </div>
      </div>
    </dialog>
  );
}

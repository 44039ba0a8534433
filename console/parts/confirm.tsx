import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.js';
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
  const [error, setError] = useState<Error | null>(null);
  const confirm = async (): Promise<void> => {
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
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
    </Dialog>
  );
}

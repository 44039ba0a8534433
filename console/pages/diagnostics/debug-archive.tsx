import { useState } from 'preact/hooks';
import { call } from '../../connection/session.js';
import { Icon } from '../../parts/icon.js';
import { ActButton } from '../../parts/act-button.js';
import { saveFile } from '../../parts/download.js';
import { NeedsRole } from '../../parts/gated.js';
import { Failure } from '../../parts/states.js';
import { sizeOf } from '../../parts/time.js';
import { useAction } from '../../parts/use-action.js';

const METHOD = 'management.collect_debug';

/** What somebody who is to help should have. */
export function DebugArchive() {
  const [made, setMade] = useState<{ readonly name: string; readonly bytes: number } | null>(null);
  const { busy, error, run } = useAction();
  const collect = async (): Promise<void> => {
    setMade(null);
    const pieces = await call<readonly { readonly $binary: string }[]>(METHOD);
    const parts = pieces.map(({ $binary }) => bytesOf($binary));
    const name = `dispatcher-debug-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.tar.gz`;
    saveFile(name, parts);
    setMade({ name, bytes: parts.reduce((sum, { length }) => sum + length, 0) });
  };
  return (
    <section class="panel" aria-label="Debug archive">
      <div class="body stack">
        <p>
          One file for somebody who is to help: versions, the configuration, plugins, connections,
          metrics, the last lines of the log, reports of crashes, and what plugins add to it.
        </p>
        <p class="muted">
          Passwords and keys are left out. Names of users, addresses and the log are in it: look
          before you send it.
        </p>
        <div class="row wrap">
          <ActButton
            method={METHOD}
            tone="primary"
            isBusy={busy !== null}
            onClick={() => void run('collect', collect)}
          >
            <Icon name="download" size={14} /> Make and download
          </ActButton>
          <NeedsRole method={METHOD} />
          <span role="status" class="muted">
            {busy !== null && 'Being made; plugins have ten seconds each…'}
            {made !== null && `${made.name}, ${sizeOf(made.bytes)}, is in your downloads.`}
          </span>
        </div>
        {error !== null && <Failure error={error} onRetry={() => void run('collect', collect)} />}
      </div>
    </section>
  );
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

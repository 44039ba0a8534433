import { useEffect, useRef, useState } from 'preact/hooks';
import { phase, wasReady } from './connection/session.js';
import { Help } from './help.js';
import { LoginForm } from './login.js';
import { Palette } from './palette/palette.js';
import { Calls } from './pages/calls.js';
import { Docs } from './pages/docs.js';
import { Events } from './pages/events.js';
import { Logs } from './pages/logs.js';
import { Overview } from './pages/overview.js';
import { Resources } from './pages/resources.js';
import { Schemas } from './pages/schemas.js';
import { Tasks } from './pages/tasks.js';
import { Mark } from './parts/icon.js';
import { Rail } from './rail.js';
import { useShortcuts } from './shortcuts.js';
import { route } from './state/router.js';
import { Strip } from './strip.js';

const VIEWS = {
  overview: Overview,
  calls: Calls,
  tasks: Tasks,
  resources: Resources,
  events: Events,
  schemas: Schemas,
  logs: Logs,
  docs: Docs,
} as const;

/** The page: a gate until somebody is logged in, then the shell, which stays whatever the connection does. */
export function App() {
  const [overlay, setOverlay] = useState<'palette' | 'help' | null>(null);
  useShortcuts(setOverlay);
  if (!wasReady.value) return <Gate />;
  const { page } = route.value;
  const View = VIEWS[page as keyof typeof VIEWS];
  return (
    <div class="shell">
      <SkipLink />
      <Rail onFind={() => setOverlay('palette')} />
      <main class="main" id="main" tabIndex={-1}>
        <Strip />
        <View />
      </main>
      {overlay === 'palette' && <Palette onClose={() => setOverlay(null)} />}
      {overlay === 'help' && <Help onClose={() => setOverlay(null)} />}
      {phase.value.kind === 'login' && <LoginDialog />}
    </div>
  );
}

/** A button, for the fragment of the address says which page it is. */
function SkipLink() {
  return (
    <button
      type="button"
      class="button skip"
      onClick={() => document.querySelector<HTMLElement>('#main')?.focus()}
    >
      Skip to the page
    </button>
  );
}

function Gate() {
  const { kind } = phase.value;
  if (kind === 'ready') return null;
  return (
    <main class="login">
      <div class="stack">
        <h1 class="brand">
          <Mark />
          <span>dispatcher</span>
        </h1>
        {kind === 'login' ? (
          <LoginForm />
        ) : (
          <p class="muted" role="status">
            {kind === 'connecting' ? 'Connecting…' : 'The server does not answer. Trying again…'}
          </p>
        )}
      </div>
    </main>
  );
}

/** Over the page, which keeps what was typed. */
function LoginDialog() {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} aria-labelledby="login-again" onCancel={(event) => event.preventDefault()}>
      <div class="body">
        <h2 id="login-again">Log in to go on</h2>
        <p class="muted">Nothing on this page is lost.</p>
        <LoginForm />
      </div>
    </dialog>
  );
}

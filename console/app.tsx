import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { phase, wasReady } from './connection/session.js';
import { Help } from './help.js';
import { LoginForm } from './login.js';
import { Palette } from './palette/palette.js';
import { Mark } from './parts/icon.js';
import { lazy } from './parts/lazy.js';
import { Rail } from './rail.js';
import { useShortcuts } from './shortcuts.js';
import { type PageId, route } from './state/router.js';
import { Strip } from './strip.js';

const VIEWS: Readonly<Record<PageId, ComponentType>> = {
  overview: lazy(async () => (await import('./pages/overview.js')).Overview),
  calls: lazy(async () => (await import('./pages/calls.js')).Calls),
  tasks: lazy(async () => (await import('./pages/tasks.js')).Tasks),
  resources: lazy(async () => (await import('./pages/resources.js')).Resources),
  events: lazy(async () => (await import('./pages/events.js')).Events),
  logs: lazy(async () => (await import('./pages/logs.js')).Logs),
  cause: lazy(async () => (await import('./pages/cause.js')).CausePage),
  settings: lazy(async () => (await import('./pages/settings.js')).Settings),
  schedules: lazy(async () => (await import('./pages/schedules.js')).Schedules),
  users: lazy(async () => (await import('./pages/users.js')).Users),
  clients: lazy(async () => (await import('./pages/clients.js')).Clients),
  nodes: lazy(async () => (await import('./pages/nodes.js')).Nodes),
  plugins: lazy(async () => (await import('./pages/plugins.js')).Plugins),
  files: lazy(async () => (await import('./pages/files.js')).Files),
  data: lazy(async () => (await import('./pages/data.js')).Data),
  diagnostics: lazy(async () => (await import('./pages/diagnostics.js')).Diagnostics),
  schemas: lazy(async () => (await import('./pages/schemas.js')).Schemas),
  docs: lazy(async () => (await import('./pages/docs.js')).Docs),
  wire: lazy(async () => (await import('./pages/wire.js')).Wire),
};

/** The page: a gate until somebody is logged in, then the shell, which stays whatever the connection does. */
export function App() {
  const [overlay, setOverlay] = useState<'palette' | 'help' | null>(null);
  useShortcuts(setOverlay);
  if (!wasReady.value) return <Gate />;
  const { page } = route.value;
  const View = VIEWS[page as PageId];
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

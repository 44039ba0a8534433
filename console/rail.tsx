import { useEffect, useState } from 'preact/hooks';
import { actingAs, logOut, phase, stopActing } from './connection/session.js';
import { ActAs } from './act-as.js';
import { Icon, type IconName, Mark } from './parts/icon.js';
import { eventTypes, methods, offer } from './state/registry.js';
import { pages } from './state/pages.js';
import { linkTo, PAGES, type PageId, route } from './state/router.js';
import { theme } from './state/theme.js';

const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;
const THEME_ICON = { system: 'system', light: 'sun', dark: 'moon' } as const;

const GROUPS = [...new Set(PAGES.map(({ group }) => group))];

/** Where one can go, who one is, and how the connection does. */
export function Rail({ onFind }: { readonly onFind: () => void }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [route.value]);
  const counts: Partial<Record<PageId, number>> = {
    calls: methods.value.length,
    events: eventTypes.value.length,
    schemas: offer.value.definitions.size,
  };
  return (
    <header class="head">
      <div class="topbar">
        <button
          type="button"
          class="button quiet icon"
          aria-label="Menu"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="menu" />
        </button>
        <a class="brand" href={linkTo('overview')}>
          <Mark />
          dispatcher
        </a>
        <button type="button" class="button quiet icon end" aria-label="Search" onClick={onFind}>
          <Icon name="search" />
        </button>
      </div>
      <div class={`rail ${isOpen ? 'open' : ''}`}>
        <a class="brand" href={linkTo('overview')} aria-label="dispatcher: overview">
          <Mark />
          <span>dispatcher</span>
        </a>
        <button type="button" class="button find" onClick={onFind}>
          <Icon name="search" />
          <span>Search</span>
          <kbd aria-hidden="true">Ctrl K</kbd>
        </button>
        <nav aria-label="Pages">
          {GROUPS.map((group) => (
            <div key={group} class="group" role="group" aria-label={group}>
              {pages.value
                .filter((page) => page.group === group)
                .map(({ id, title }) => (
                  <a
                    key={id}
                    href={linkTo(id)}
                    title={title}
                    aria-current={route.value.page === id ? 'page' : undefined}
                  >
                    <Icon name={id} />
                    <span>{title}</span>
                    {counts[id] !== undefined && <span class="count">{counts[id]}</span>}
                  </a>
                ))}
            </div>
          ))}
        </nav>
        <div class="person">
          <Person />
        </div>
      </div>
    </header>
  );
}

function Person() {
  const [isAsked, setAsked] = useState(false);
  const current = phase.value;
  const isReady = current.kind === 'ready';
  const state = isReady ? 'connected' : current.kind === 'login' ? 'logged out' : 'no connection';
  return (
    <>
      <div class="who" title={state}>
        <i class={`dot ${isReady ? '' : 'warn'}`} />
        <span class="ellipsis">{isReady ? current.user : state}</span>
      </div>
      <div class="own">
        <FootButton
          icon={THEME_ICON[theme.value]}
          label={`Theme: ${theme.value}`}
          onClick={() => (theme.value = NEXT[theme.value])}
        />
        <FootButton
          icon="users"
          label={actingAs.value === null ? 'Act as another user' : 'Be yourself'}
          onClick={() => (actingAs.value === null ? setAsked(true) : stopActing())}
        />
        <FootButton icon="leave" label="Log out" onClick={logOut} />
      </div>
      {isAsked && <ActAs onClose={() => setAsked(false)} />}
    </>
  );
}

interface FootButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
}

function FootButton({ icon, label, onClick }: FootButtonProps) {
  return (
    <button type="button" class="foot" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}

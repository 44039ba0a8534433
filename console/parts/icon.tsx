const PATHS = {
  overview: 'M3 12h3l2-6 4 12 2.5-8 1.5 2H21',
  calls: 'M4 7h11m0 0-4-4m4 4-4 4M20 17H9m0 0 4 4m-4-4 4-4',
  tasks: 'M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2',
  resources:
    'M12 8V5M12 8 6 15M12 8l6 7M12 3.5a1.5 1.5 0 1 0 0 .01M5 18.500a2 2 0 1 0 .01 0M18 18.500a2 2 0 1 0 .01 0',
  events: 'M13 3 5 14h6l-1 7 8-11h-6l1-7Z',
  schemas:
    'M8 4c-2 0-2 1-2 3s0 4-2 5c2 1 2 3 2 5s0 3 2 3M16 4c2 0 2 1 2 3s0 4 2 5c-2 1-2 3-2 5s0 3-2 3',
  logs: 'M5 5h14M5 10h9M5 15h14M5 20h6',
  cause: 'M5 5h4v4H5V5Zm10 10h4v4h-4v-4ZM9 7h4a4 4 0 0 1 4 4v4',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4',
  schedules: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 3.500V12l3 2',
  users:
    'M12 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7ZM5 20c.500-4 3.500-5.500 7-5.500s6.500 1.500 7 5.500',
  clients: 'M4 5h16v10H4V5Zm4 14h8M12 15v4',
  nodes: 'M5 4h6v5H5V4Zm8 11h6v5h-6v-5ZM5 15h6v5H5v-5ZM8 9v6m3-8.500h5V15',
  plugins: 'M9 4v4M15 4v4M7 8h10v4a5 5 0 0 1-10 0V8Zm5 9v4',
  files: 'M4 6h6l2 2h8v11H4V6Z',
  data: 'M5 6c0-3 14-3 14 0s-14 3-14 0Zm0 0v12c0 3 14 3 14 0V6M5 12c0 3 14 3 14 0',
  diagnostics: 'M5 4v5a4 4 0 0 0 8 0V4M9 13v2a5 5 0 0 0 10 0v-2M19 9a2 2 0 1 0 .01 0',
  wire: 'M3 12h4l2-5 3 10 3-10 2 5h4',
  docs: 'M6 3h8l4 4v14H6V3Zm8 0v4h4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 4 4',
  warn: 'M12 4 2.500 20h19L12 4Zm0 6v5m0 2.500v.1',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h11v11H9V9Zm-3 6H4V4h11v2',
  play: 'M7 4l13 8-13 8V4Z',
  stop: 'M6 6h12v12H6V6Z',
  pause: 'M8 5v14M16 5v14',
  reload: 'M20 11a8 8 0 1 0-2 6M20 5v6h-6',
  plus: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1 1M17.400 17.400l1 1M5.600 18.400l1-1M17.400 6.600l1-1',
  moon: 'M20 14a8 8 0 0 1-10-10 8 8 0 1 0 10 10Z',
  system: 'M4 5h16v11H4V5Zm5 15h6M12 16v4',
  leave: 'M14 4h5v16h-5M4 12h10m0 0-4-4m4 4-4 4',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M5 20h14',
  link: 'M10 14l4-4M8 11l-2 2a3.500 3.500 0 0 0 5 5l2-2M16 13l2-2a3.500 3.500 0 0 0-5-5l-2 2',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
} as const;
export type IconName = keyof typeof PATHS;

/** Drawn beside words, so it says nothing to a screen reader. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <g stroke="var(--on-accent)" stroke-width="2.400" stroke-linecap="round" fill="none">
        <path d="M7 16h7m0 0 6-7m-6 7 6 7m-6-7h9" />
      </g>
    </svg>
  );
}

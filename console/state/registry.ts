import { computed, effect, signal } from '@preact/signals';
import type { EVENT_TYPE, METHOD, TASK_CLASS } from '../../src/wire/index.js';
import { call, epoch, isReady, subscribe } from '../connection/session.js';
import { type JsonObject, type Schema, SchemaIndex } from '../forms/index.js';
import type { Shown } from './shown.js';

/** A method as `discovery.get_methods` describes it, with its place among all. */
export type Method = Shown<typeof METHOD> & { readonly path: string; readonly service: string };
export type TaskClass = Shown<typeof TASK_CLASS> & { readonly name: string };
type EventType = Shown<typeof EVENT_TYPE> & { readonly name: string };

/** What the server offers, read at login and again whenever it changes. */
interface Offer {
  readonly methods: readonly Method[];
  readonly tasks: readonly TaskClass[];
  readonly events: readonly EventType[];
  readonly definitions: ReadonlyMap<string, Schema>;
}

const NOTHING: Offer = { methods: [], tasks: [], events: [], definitions: new Map() };
/** Announcements of one reload come in a row; one reading serves them all. */
const SETTLE_MS = 80;
const CHANGES = [
  'server.plugin.*',
  'plugin.service_*',
  'server.schema_document_changed',
  'server.event.*',
];

export const offer = signal<Offer>(NOTHING);
export const isLoaded = signal(false);
export const loadError = signal<Error | null>(null);
export const schemaIndex = computed(() => new SchemaIndex(offer.value.definitions));
export const methods = computed(() => offer.value.methods);
export const tasks = computed(() => offer.value.tasks);
export const eventTypes = computed(() => offer.value.events);
export const hasTasks = computed(() => methods.value.some(({ service }) => service === 'task'));

let readings = 0;

export async function readOffer(): Promise<void> {
  readings += 1;
  const own = readings;
  try {
    const read = await load();
    if (own !== readings) return; // a newer reading is on its way
    offer.value = read;
    performance.mark('dispatcher.offer'); // for the bench, and for whoever measures in a browser
    isLoaded.value = true;
    loadError.value = null;
  } catch (error) {
    if (own === readings) loadError.value = error as Error;
  }
}

async function load(): Promise<Offer> {
  const [services, taskTable, eventTable, document] = await Promise.all([
    call<string[]>('discovery.get_services'),
    call<Readonly<Record<string, Shown<typeof TASK_CLASS>>>>('discovery.get_tasks'),
    call<Readonly<Record<string, Shown<typeof EVENT_TYPE>>>>('discovery.get_event_types'),
    call<JsonObject>('discovery.get_schema'),
  ]);
  const lists = await Promise.all(services.map(methodsOf));
  return {
    methods: lists.flat(),
    tasks: named(taskTable),
    events: named(eventTable),
    definitions: new Map(Object.entries((document['definitions'] ?? {}) as Record<string, Schema>)),
  };
}

/** A service that went away in between has no methods; when the connection did, nobody can tell. */
async function methodsOf(service: string): Promise<Method[]> {
  try {
    const list = await call<readonly Shown<typeof METHOD>[]>('discovery.get_methods', [service]);
    return list.map((method) => ({ ...method, service, path: `${service}.${method.name}` }));
  } catch (error) {
    if (!isReady.value) throw error;
    return [];
  }
}

function named<T>(table: Readonly<Record<string, T>>): (T & { name: string })[] {
  return Object.entries(table)
    .map(([name, entry]) => ({ ...entry, name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Begins to follow the server; called once. */
export function followOffer(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  subscribe(CHANGES, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void readOffer(), SETTLE_MS);
  });
  effect(() => {
    if (isReady.value && epoch.value > 0) void readOffer();
  });
}

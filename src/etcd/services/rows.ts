import type { FileState, LoadError } from '../model/index.js';
import type { Generator } from '../generation/index.js';
import { groupsOf, type LoadedTarget } from '../plugins/index.js';

/** A row of `etcd.file.query`: what is declared of a file with what became of it. */
export function fileRows(
  generator: Generator,
  states: ReadonlyMap<string, FileState>,
): Record<string, unknown>[] {
  const { targets, errors } = generator.catalog;
  const failures = new Map(errors.map((error) => [error.name, error]));
  const rows: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  for (const target of targets.values()) {
    seen.add(target.name);
    rows.push(targetRow(target, states.get(target.name), generator));
  }
  for (const state of states.values()) {
    if (seen.has(state.name)) continue;
    seen.add(state.name);
    const parent = state.set === null ? undefined : targets.get(state.set);
    const failure = failures.get(state.name);
    if (failure !== undefined) {
      rows.push({ ...orphanRow(state), ...unloaded(failure) });
    } else if (parent !== undefined) {
      rows.push({ ...targetRow(parent, state, generator), name: state.name, path: state.path });
    } else if (state.size !== null) rows.push(orphanRow(state));
  }
  for (const error of errors) {
    const { name } = error;
    if (name === null || seen.has(name) || generator.catalog.groups.has(name)) continue;
    rows.push({ ...EMPTY, name, ...unloaded(error) });
  }
  return rows;
}

/** A file whose source cannot be loaded; what it wrote before stays. */
function unloaded({ source, message, code }: LoadError): Record<string, unknown> {
  return { plugin: source, state: 'failed', error: { stage: 'load', message, code } };
}

const EMPTY = {
  path: null,
  plugin: null,
  renderer: null,
  groups: [],
  outcome: null,
  generation: null,
  generated_at: null,
  changed_at: null,
  mode: null,
  owner: null,
  group: null,
  size: null,
  sensitive: false,
  dependencies: [],
  error: null,
  drift: null,
  action: null,
};

function stateFields(state: FileState | undefined): Record<string, unknown> {
  if (state === undefined) return { state: 'pending' };
  return {
    state: state.outcome === 'disabled' ? 'disabled' : state.state,
    outcome: state.outcome,
    generation: state.generation,
    generated_at: state.generatedAt,
    changed_at: state.changedAt,
    size: state.size,
    error: state.error,
    drift: state.drift,
    action: state.action,
  };
}

function targetRow(
  target: LoadedTarget,
  state: FileState | undefined,
  generator: Generator,
): Record<string, unknown> {
  const { name, path, directory, renderer, metadata } = target;
  return {
    ...EMPTY,
    ...stateFields(state),
    name,
    path,
    plugin: directory,
    renderer,
    groups: groupsOf(name, generator.catalog.groups),
    mode: metadata.mode.toString(8).padStart(4, '0'),
    owner: metadata.owner,
    group: metadata.group,
    sensitive: metadata.sensitive !== false || state?.isSensitive === true,
    dependencies: generator.dependencies.of(target),
  };
}

function orphanRow(state: FileState): Record<string, unknown> {
  const { name, path, isSensitive } = state;
  return { ...EMPTY, ...stateFields(state), name, path, sensitive: isSensitive, state: 'orphaned' };
}

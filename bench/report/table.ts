import { isMet, type Line, type RowResult } from '../rows/row.js';
import type { Machine } from './machine.js';

const HEADERS = ['server', 'figure', 'per second', 'busy', 'product is better by'] as const;

/** The report for people. */
export function renderTable(machine: Machine, results: readonly RowResult[]): string {
  return [renderMachine(machine), ...results.map(renderResult)].join('\n\n');
}

function renderMachine({ date, cpu, cores, memoryGiB, kernel, versions }: Machine): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `dispatcher bench, ${date}`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}; ${names.join(', ')}`,
  ].join('\n');
}

function renderResult(result: RowResult): string {
  return [
    result.work,
    ...align([HEADERS, ...result.lines.map(cells)]).map((line) => `  ${line}`),
    ...(result.goal === undefined
      ? ['  not decided: a subject is missing']
      : [renderGoal(result.goal)]),
    ...result.notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

function renderGoal(goal: NonNullable<RowResult['goal']>): string {
  const sign = goal.better === 'higher' ? '≥' : '≤';
  const verdict = isMet(goal) ? 'met' : 'MISSED';
  return `  ${goal.figure}: ${figure(goal.achieved)}, target ${sign} ${goal.target}: ${verdict}`;
}

function cells({ subject, value, unit, perSecond, busy, ratio }: Line): readonly string[] {
  return [
    subject,
    `${figure(value)} ${unit}`,
    perSecond === undefined ? '' : Math.round(perSecond).toLocaleString('en'),
    busy === undefined ? '' : `${Math.round(busy * 100)} %`,
    ratio === undefined
      ? ''
      : `${figure(ratio.median)} × (${figure(ratio.lowest)} to ${figure(ratio.highest)})`,
  ];
}

function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADERS.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 100 ? 2 : 0);
}

import { jsonText } from '../../output/index.js';
import { queryArguments } from '../stages/index.js';
import type { PreparedPipeline, ReadStage } from './prepared-pipeline.js';

/** Where a step of a line is carried out. */
interface Step {
  readonly where: 'server-side' | 'client-side';
  readonly what: string;
}

export function explained({ source, stages, draft, pushed }: PreparedPipeline): readonly Step[] {
  const rest = stages.slice(pushed).map((stage): Step => {
    return { where: 'client-side', what: stageText(stage) };
  });
  if (source.kind === 'query') {
    const [filter, params] = queryArguments(draft ?? source.draft);
    const what = `${source.method.method} ${jsonText(filter)} ${jsonText(params)}`;
    return [{ where: 'server-side', what }, ...rest];
  }
  return [
    { where: source.where === 'server' ? 'server-side' : 'client-side', what: source.what },
    ...rest,
  ];
}

function stageText(stage: ReadStage): string {
  const { kind, ...rest } = stage;
  if (kind === 'each') return 'each { … }';
  if (kind === 'plugin') return `${stage.stage.name} ${jsonText(stage.bound.args)}`;
  if (kind === 'formatter') return `to ${stage.name}`;
  const values = Object.values(rest).map((value) => {
    return typeof value === 'string' ? value : jsonText(value);
  });
  return [kind, ...values].filter((word) => word !== '').join(' ');
}

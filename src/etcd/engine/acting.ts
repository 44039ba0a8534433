import type { Action, ActionReport } from '../model/index.js';
import { actionKey, actionText } from './action-runner.js';
import type { Committing } from './committing.js';
import type { Item } from './item.js';
import type { Workshop } from './ports.js';

interface Wanted {
  readonly action: Action;
  readonly items: readonly Item[];
}

/** The actions of files that changed: each distinct one once, in the order of their first use. */
export function wantedActions(items: Iterable<Item>): readonly Wanted[] {
  const wanted = new Map<string, { action: Action; items: Item[] }>();
  for (const item of items) {
    const { reload, reloadOn } = item.file.metadata;
    const isReason = reloadOn === 'any' || item.outcome === 'removed';
    if (!isReason && !item.changes.includes('contents')) continue;
    for (const action of reload) {
      const key = actionKey(action);
      const known = wanted.get(key);
      if (known === undefined) wanted.set(key, { action, items: [item] });
      else if (!known.items.includes(item)) known.items.push(item);
    }
  }
  return [...wanted.values()];
}

/**
 * Runs the actions of a generation. When one fails, the files that named it go back, with those that
 * belong to them, and whatever had been told of them is told once more.
 */
export class Acting {
  readonly #reports: ActionReport[] = [];
  readonly #ran: Wanted[] = [];

  constructor(
    private readonly shop: Workshop,
    private readonly committing: Committing,
  ) {}

  async run(items: Iterable<Item>): Promise<readonly ActionReport[]> {
    const committed = [...items].filter((item) => item.isCommitted);
    for (const wanted of wantedActions(committed)) {
      if (wanted.items.some((item) => item.isCommitted)) await this.#runOne(wanted);
    }
    return this.#reports;
  }

  async #runOne(wanted: Wanted): Promise<void> {
    const report = await this.#act(wanted.action);
    this.#ran.push(wanted);
    if (report.outcome !== 'failed' && report.outcome !== 'timed_out') return;
    const back = this.committing.withSets(wanted.items.filter((item) => item.isCommitted));
    await this.committing.takeBack(back);
    const text = this.shop.redact(actionText(wanted.action));
    const { output } = report;
    const how = report.outcome === 'timed_out' ? 'took too long' : 'failed';
    for (const item of back) {
      item.error ??= {
        stage: 'action',
        message: `${text} ${how}${reasonOf(report)}`,
        ...(output === undefined ? {} : { output }),
      };
    }
    const again = this.#ran.filter(({ items }) => items.some((item) => back.includes(item)));
    for (const { action: told } of again) await this.#act(told);
  }

  async #act(action: Action): Promise<ActionReport> {
    const { settings, actions, redact, logger } = this.shop;
    const text = redact(actionText(action));
    const report: ActionReport = await (settings.actions === 'run'
      ? actions.run(action)
      : { action, outcome: settings.actions === 'log' ? ('logged' as const) : ('off' as const) });
    if (report.outcome === 'logged') logger.info(`Would ${text}`);
    const { output, ...rest } = report;
    const told = output === undefined ? rest : { ...rest, output: redact(output) };
    this.#reports.push(told);
    return told;
  }
}

function reasonOf({ code, output }: ActionReport): string {
  const line = output?.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
  const status = code === undefined ? '' : ` (exit ${code})`;
  return line === '' ? status : `${status}: ${line}`;
}

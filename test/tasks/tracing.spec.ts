import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptSpan, SmallSdk } from '../support/small-sdk.js';
import { EngineHarness } from './support/engine.harness.js';

let sdk: SmallSdk;
let harness: EngineHarness;

beforeEach(async () => {
  sdk = new SmallSdk();
  sdk.register();
  harness = new EngineHarness();
  harness.define('outer', { run: (task) => task.joinSubtasks(task.runSubtask('inner')) });
  harness.define('inner', { run: () => sdk.tracer.startSpan('work of the task').end() });
  harness.define('fails', {
    run: () => {
      throw new TypeError('a mistake');
    },
  });
  await harness.start();
  harness.engine.start();
});
afterEach(async () => {
  await harness.dispose();
  sdk.unregister();
});

const told = (name: string): KeptSpan => sdk.spans.find((span) => span.name === name)!;

describe('the span of a task', () => {
  it('lies below the call that submitted it, and what the task does lies below it', async () => {
    const call = sdk.tracer.startSpan('task.submit');
    const id = await context.with(trace.setSpan(context.active(), call), () =>
      harness.submit('outer'),
    );
    call.end(); // long before the task runs, for all that it knows
    expect(await harness.engine.wait(id)).toMatchObject({ state: 'FINISHED' });
    expect(told('task outer')).toMatchObject({
      parent: 'task.submit',
      attributes: { 'dispatcher.task.id': id, 'dispatcher.task.state': 'FINISHED' },
      ended: 1,
    });
    expect(told('task inner')).toMatchObject({ parent: 'task outer', ended: 1 });
    expect(told('work of the task').parent).toBe('task inner');
  });

  it('says with which error it ended', async () => {
    await harness.engine.wait(await harness.submit('fails'));
    expect(told('task fails')).toMatchObject({
      parent: null,
      status: SpanStatusCode.ERROR,
      attributes: { 'dispatcher.task.state': 'FAILED', 'error.type': 'EFAULT' },
      ended: 1,
    });
  });
});

import { InlineExecutor } from '../../src/tasks/index.js';
import { describeExecutor } from './executor.suite.js';

describeExecutor('inline', () => new InlineExecutor());
describeExecutor('isolated', (harness) => harness.pool());

import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { messageOf } from '../common/index.js';
import { checkPlugin, type CheckOptions } from './index.js';

// Started by `dispatcherctl plugin check`, which is told the report and ends this process: a plugin may
// have opened what would keep it for ever.
Logger.overrideLogger(false);
process.setSourceMapsEnabled(true);
const options = JSON.parse(process.argv[2] ?? '') as CheckOptions;
checkPlugin(options).then(
  (report) => process.send?.({ report }),
  (error: unknown) => process.send?.({ failure: messageOf(error) }),
);

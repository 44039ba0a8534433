import { Dispatcher, Plugin } from 'dispatcher';
import { ExecuteTask } from './execute.task.js';
import { LOAD_TICK, LoadTickSource } from './load-tick.source.js';
import { LOG_MESSAGE, LogMessageSource } from './log-message.source.js';
import { LogOpener } from './log/log-opener.js';
import { SystemProcessProvider } from './process.provider.js';
import { HardwareReader } from './readers/hardware.reader.js';
import { LoadReader } from './readers/load.reader.js';
import { ProcessReader } from './readers/process.reader.js';
import { SystemCommand, SystemCommandOutcome } from './schemas/system-command.schema.js';
import { SystemHardware } from './schemas/system-hardware.schema.js';
import { SystemInfo } from './schemas/system-info.schema.js';
import { SystemLoad, SystemLoadTick } from './schemas/system-load.schema.js';
import { SystemLogMessage } from './schemas/system-log-message.schema.js';
import { SystemMemory } from './schemas/system-memory.schema.js';
import { SystemProcess } from './schemas/system-process.schema.js';
import { SystemTime } from './schemas/system-time.schema.js';
import { SystemUptime } from './schemas/system-uptime.schema.js';
import { ExecuteSettings, LoadSettings } from './system.settings.js';
import { SystemProvider } from './system.provider.js';

/**
 * Facts about the machine itself: what it is, what it is made of, how busy it is, what its log
 * says; and a task that runs programs, off unless a setting names them. Also an example of a plugin in several files: providers answer, sources
 * publish, readers (plain injectable classes) know where the kernel keeps a fact, schema classes
 * describe the answers.
 */
@Plugin({
  metadata: { type: 'system' },
  settings: [LoadSettings, ExecuteSettings],
  schemas: [
    SystemInfo,
    SystemHardware,
    SystemMemory,
    SystemLoad,
    SystemLoadTick,
    SystemLogMessage,
    SystemUptime,
    SystemTime,
    SystemProcess,
    SystemCommand,
    SystemCommandOutcome,
  ],
  providers: [
    SystemProvider,
    SystemProcessProvider,
    ExecuteTask,
    LoadTickSource,
    LogMessageSource,
    HardwareReader,
    LoadReader,
    LogOpener,
    ProcessReader,
  ],
})
export default class SystemPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}

  init(): void {
    this.dispatcher.registerEventType(LOAD_TICK, {
      description: 'Load, processors and memory since the previous tick',
      schema: SystemLoadTick,
    });
    this.dispatcher.registerEventType(LOG_MESSAGE, {
      description: 'A new line of the system log',
      schema: SystemLogMessage,
    });
  }
}

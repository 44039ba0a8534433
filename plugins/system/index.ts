import { Plugin } from 'dispatcher';
import { SystemProcessProvider } from './process.provider.js';
import { HardwareReader } from './readers/hardware.reader.js';
import { LoadReader } from './readers/load.reader.js';
import { ProcessReader } from './readers/process.reader.js';
import { SystemHardware } from './schemas/system-hardware.schema.js';
import { SystemInfo } from './schemas/system-info.schema.js';
import { SystemLoad } from './schemas/system-load.schema.js';
import { SystemMemory } from './schemas/system-memory.schema.js';
import { SystemProcess } from './schemas/system-process.schema.js';
import { SystemTime } from './schemas/system-time.schema.js';
import { SystemUptime } from './schemas/system-uptime.schema.js';
import { SystemProvider } from './system.provider.js';

/**
 * Facts about the machine itself: what it is, what it is made of, how busy it is. It only reads.
 * Also an example of a plugin in several files: providers answer, readers (plain injectable
 * classes) know where the kernel keeps a fact, schema classes describe the answers.
 */
@Plugin({
  metadata: { type: 'system' },
  schemas: [
    SystemInfo,
    SystemHardware,
    SystemMemory,
    SystemLoad,
    SystemUptime,
    SystemTime,
    SystemProcess,
  ],
  providers: [SystemProvider, SystemProcessProvider, HardwareReader, LoadReader, ProcessReader],
})
export default class SystemPlugin {}

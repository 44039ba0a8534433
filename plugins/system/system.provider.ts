import { accepts, description, provider, Provider, returns } from 'dispatcher';
import { readClock } from './readers/clock.js';
import { HardwareReader } from './readers/hardware.reader.js';
import { readIdentity } from './readers/identity.js';
import { LoadReader } from './readers/load.reader.js';
import { readMemory } from './readers/memory.js';
import { readUptime } from './readers/uptime.js';
import { SystemHardware } from './schemas/system-hardware.schema.js';
import { SystemInfo } from './schemas/system-info.schema.js';
import { SystemLoad } from './schemas/system-load.schema.js';
import { SystemMemory } from './schemas/system-memory.schema.js';
import { SystemTime } from './schemas/system-time.schema.js';
import { SystemUptime } from './schemas/system-uptime.schema.js';

@description('Reads facts about the machine')
@provider('system')
export class SystemProvider extends Provider {
  constructor(
    private readonly hardwareReader: HardwareReader,
    private readonly loadReader: LoadReader,
  ) {
    super();
  }

  @description('Names of the host and of the operating system it runs')
  @accepts()
  @returns(SystemInfo)
  info(): Promise<SystemInfo> {
    return readIdentity();
  }

  @description('What the machine is made of; read once and kept until the plugin is reloaded')
  @accepts()
  @returns(SystemHardware)
  hardware(): Promise<SystemHardware> {
    return this.hardwareReader.read();
  }

  @description('How much memory there is and how much of it is in use')
  @accepts()
  @returns(SystemMemory)
  memory(): Promise<SystemMemory> {
    return readMemory();
  }

  @description('Load averages, and how busy each processor was since the previous reading')
  @accepts()
  @returns(SystemLoad)
  load(): Promise<SystemLoad> {
    return this.loadReader.read();
  }

  @description('When the machine was started')
  @accepts()
  @returns(SystemUptime)
  uptime(): Promise<SystemUptime> {
    return readUptime();
  }

  @description("The machine's clock and time zone")
  @accepts()
  @returns(SystemTime)
  time(): Promise<SystemTime> {
    return readClock();
  }
}

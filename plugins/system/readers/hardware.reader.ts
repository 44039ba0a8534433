import { Injectable } from '@nestjs/common';
import { availableParallelism } from 'node:os';
import type { Systeminformation } from 'systeminformation';
import type {
  SystemCpu,
  SystemHardware,
  SystemMemoryModule,
} from '../schemas/system-hardware.schema.js';
import { firmwareText, readFirmware } from './firmware.js';
import { SharedReading } from './shared-reading.js';

const positive = (value: number | null): number | null =>
  value !== null && value > 0 ? Math.round(value) : null;

const atLeastOne = (value: number): number => Math.max(1, value);

export function toCpu(cpu: Systeminformation.CpuData): SystemCpu {
  return {
    manufacturer: firmwareText(cpu.manufacturer),
    model: firmwareText(cpu.brand),
    sockets: atLeastOne(cpu.processors),
    physical_cores: atLeastOne(cpu.physicalCores),
    logical_cores: atLeastOne(cpu.cores || availableParallelism()),
    max_speed_mhz: positive(cpu.speedMax * 1000),
  };
}

/** The filled slots. Where the firmware lists none, the library makes one up that has no type. */
export function toMemoryModules(
  slots: readonly Systeminformation.MemLayoutData[],
): SystemMemoryModule[] {
  return slots
    .filter((slot) => slot.size > 0 && slot.type !== '' && slot.type !== 'Empty')
    .map((slot) => ({
      slot: firmwareText(slot.bank),
      size_bytes: slot.size,
      type: slot.type,
      speed_mhz: positive(slot.clockSpeed),
      manufacturer: firmwareText(slot.manufacturer),
      part_number: firmwareText(slot.partNum),
      serial: firmwareText(slot.serialNum),
    }));
}

/** x86 processors carry a flag under a hypervisor; others have no common mark, hence null. */
export function isVirtual(flags: string): boolean | null {
  return flags === '' ? null : flags.split(' ').includes('hypervisor');
}

/**
 * The one reader that starts child processes (lscpu and dmidecode, through `systeminformation`,
 * about 20 of them and 50 ms), hence read once: hardware does not change under a running plugin.
 */
@Injectable()
export class HardwareReader {
  readonly #hardware = new SharedReading(readHardware, Infinity);

  read(): Promise<SystemHardware> {
    return this.#hardware.get();
  }
}

async function readHardware(): Promise<SystemHardware> {
  // Imported when needed: the library costs 25 ms and 8 MB, which every start would pay.
  const { cpu, memLayout } = await import('systeminformation');
  const [firmware, cpuData, slots] = await Promise.all([readFirmware(), cpu(), memLayout()]);
  return {
    ...firmware,
    is_virtual: isVirtual(cpuData.flags),
    cpu: toCpu(cpuData),
    memory_modules: toMemoryModules(slots),
  };
}

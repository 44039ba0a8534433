import { readText } from './kernel-files.js';

/** What boards carry whose maker did not fill the table in. */
const PLACEHOLDERS =
  /^(?:-|0+|none|null|n\/a|default string|empty|(?:not|un)\s?(?:specified|applicable|known|available|defined)|to be filled by o\.?e\.?m\.?|o\.?e\.?m\.?|system (?:manufacturer|product name|serial number|version)|0?123456789)?$/i;

/** A text from the firmware, or null for what only fills the field. */
export function firmwareText(text: string | null | undefined): string | null {
  // Device trees end their strings with a zero byte.
  const trimmed = (text ?? '').replaceAll('\0', '').trim();
  return PLACEHOLDERS.test(trimmed) ? null : trimmed;
}

export interface Firmware {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly uuid: string | null;
}

const DMI = '/sys/class/dmi/id';
const DEVICE_TREE = '/proc/device-tree';

/** The identity of the machine from DMI (most machines) or the device tree (most small ones). */
export async function readFirmware(): Promise<Firmware> {
  const read = async (path: string): Promise<string | null> => firmwareText(await readText(path));
  const [manufacturer, model, serial, uuid, boardModel, boardSerial] = await Promise.all([
    read(`${DMI}/sys_vendor`),
    read(`${DMI}/product_name`),
    read(`${DMI}/product_serial`),
    read(`${DMI}/product_uuid`),
    read(`${DEVICE_TREE}/model`),
    read(`${DEVICE_TREE}/serial-number`),
  ]);
  return { manufacturer, model: model ?? boardModel, serial: serial ?? boardSerial, uuid };
}

import type { StorageMount } from '../schemas/storage-mount.schema.js';

export type MountInfo = Omit<StorageMount, 'capacity'>;

/** The kernel writes space, tab, line feed, backslash and hash in paths as `\` and three octal digits. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
}

/**
 * Parses `/proc/self/mountinfo` (see proc(5)): six fields, any number of optional ones, a hyphen,
 * three more. Lines of another form are skipped.
 */
export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): MountInfo | null {
  const fields = line.split(' ');
  const [id, parentId, deviceNumber, root, target, options] = fields;
  const separator = fields.indexOf('-', 6);
  const [type, source, superOptions] = separator < 0 ? [] : fields.slice(separator + 1);
  if (!/^\d+ \d+ \d+:\d+ /.test(line) || !target || !options || !type) return null;
  const ownOptions = options.split(',');
  const otherOptions = (superOptions ?? '').split(',').filter((option) => option !== '');
  return {
    id: Number(id),
    parent_id: Number(parentId),
    target: unescape(target),
    source: unescape(source ?? ''),
    root: unescape(root ?? '/'),
    type: unescape(type),
    options: [...new Set([...ownOptions, ...otherOptions].map(unescape))],
    // Either of the two makes it so: a read-only mount of a writable file system, and the reverse.
    is_read_only: ownOptions.includes('ro') || otherOptions.includes('ro'),
    device_number: deviceNumber ?? '',
  };
}

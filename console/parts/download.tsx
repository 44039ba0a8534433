import { Icon } from './icon.js';

interface DownloadProps {
  readonly name: string;
  readonly label?: string;
  readonly text: () => string | Promise<string>;
}

/** Hands a text over as a file. */
export function Download({ name, label = 'Download', text }: DownloadProps) {
  const save = async (): Promise<void> => saveFile(name, [await text()]);
  return (
    <button type="button" class="button small" onClick={() => void save()}>
      <Icon name="download" size={14} /> {label}
    </button>
  );
}

/** As a file, into the folder where the browser puts them. */
export function saveFile(name: string, parts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

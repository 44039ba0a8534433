import { call } from '../../connection/session.js';
import { type Json, wordOf } from '../../forms/index.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Download } from '../../parts/download.js';
import { JsonTree } from '../../parts/json-tree.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Failure } from '../../parts/states.js';
import { sizeOf } from '../../parts/time.js';
import { linkTo } from '../../state/router.js';

interface RowViewProps {
  readonly collection: string;
  readonly id: Json;
}

/** A row as a whole, however long it is. */
export function RowView({ collection, id }: RowViewProps) {
  const row = useLoaded(
    (stop) => call('datastore.browse_row', [collection, id], stop),
    [collection, id],
  );
  const text = (): string => JSON.stringify(row.value, null, 2);
  return (
    <section class="panel" aria-label="Row">
      <header>
        <h2>
          Row <span class="mono">{JSON.stringify(id)}</span>
        </h2>
        {row.value !== null && <span class="muted small">{sizeOf(text().length)}</span>}
        <span class="row end">
          <CopyButton label="Copy" text={text} />
          <Download name={`${collection}-${wordOf(id)}.json`} text={text} />
          <a class="button quiet small" href={linkTo('data', collection)}>
            Close
          </a>
        </span>
      </header>
      <div class="body">
        {row.error !== null && <Failure error={row.error} onRetry={row.reload} />}
        {row.value === null && row.error === null && <Bones lines={3} />}
        {row.value !== null && <JsonTree value={row.value} open={3} />}
      </div>
    </section>
  );
}

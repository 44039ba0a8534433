import { PageHead } from '../parts/states.js';

export function Docs() {
  return (
    <div class="page">
      <PageHead title="Docs" />
    </div>
  );
}

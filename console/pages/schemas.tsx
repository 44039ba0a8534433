import { PageHead } from '../parts/states.js';

export function Schemas() {
  return (
    <div class="page">
      <PageHead title="Schemas" />
    </div>
  );
}

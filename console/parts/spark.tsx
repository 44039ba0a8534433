/** The last minutes of a figure; decoration to its number, which says it in words. */
export function Spark({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const step = 100 / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${(index * step).toFixed(2)} ${(35 - (value / most) * 32).toFixed(2)}`,
  );
  const line = points.length < 2 ? '' : `M${points.join('L')}`;
  return (
    <svg class="spark" viewBox="0 0 100 36" preserveAspectRatio="none" aria-hidden="true">
      {line !== '' && <path class="area-fill" d={`${line}L100 36L0 36Z`} />}
      {line !== '' && <path class="line" d={line} />}
    </svg>
  );
}

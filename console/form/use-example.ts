import { useState } from 'preact/hooks';
import { type ArgumentsForm, fillArguments, type Parameter } from '../forms/index.js';
import { examples } from '../state/checker.js';
import { schemaIndex } from '../state/registry.js';

/**
 * Fills the form with made-up values that fit. They are made beside the page: until they are there
 * the form takes nothing (`isFilling`), else what is typed meanwhile would be lost when they come.
 *
 * @param count - how many of the parameters, from the first
 */
export function useExample(
  parameters: readonly Parameter[],
  count: number,
  onFilled: (form: ArgumentsForm) => void,
): { readonly isFilling: boolean; readonly fill: () => void } {
  const [isFilling, setFilling] = useState(false);
  const fillNow = async (): Promise<void> => {
    setFilling(true);
    try {
      const bundles = parameters.map(({ schema }) => schemaIndex.value.bundle({ of: schema }));
      const values = await examples(bundles);
      onFilled(fillArguments(parameters, values.slice(0, count), schemaIndex.value));
    } finally {
      setFilling(false);
    }
  };
  return { isFilling, fill: () => void fillNow() };
}

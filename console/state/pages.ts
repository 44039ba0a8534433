import { computed } from '@preact/signals';
import { methods } from './registry.js';
import { PAGES } from './router.js';

/** The pages that this server has something for. */
export const pages = computed(() =>
  PAGES.filter(
    (page) => !('service' in page) || methods.value.some(({ service }) => service === page.service),
  ),
);

/** The French messages of the first screens, as one chunk. What is left out is in `fr-rest.ts`. */
export const sources: Record<string, string> = import.meta.glob(
  [
    '../../../../content/wording/fr/*.ftl',
    '!../../../../content/wording/fr/{action,device,directory,settings,studio,sync}.ftl',
  ],
  { query: '?raw', import: 'default', eager: true },
);

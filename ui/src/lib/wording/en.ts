/** The English messages of the first screens, as one chunk. What is left out is in `en-rest.ts`. */
export const sources: Record<string, string> = import.meta.glob(
  [
    '../../../../content/wording/en/*.ftl',
    '!../../../../content/wording/en/{action,device,directory,settings,studio,sync}.ftl',
  ],
  { query: '?raw', import: 'default', eager: true },
);

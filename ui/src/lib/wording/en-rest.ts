/** The English messages of the screens that come later, as one chunk. */
export const sources: Record<string, string> = import.meta.glob(
  '../../../../content/wording/en/{action,device,directory,settings,studio,sync}.ftl',
  { query: '?raw', import: 'default', eager: true },
);

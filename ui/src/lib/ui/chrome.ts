/** What the frame around the screens lends to each screen's header. */
import { createContext, type Snippet } from 'svelte';

export interface Chrome {
  /** At the right end of the header: the cloud; the person too unless the page lies deep. */
  corner: Snippet<[deep: boolean]>;
  /** Under the header: the thin line of sync. */
  line: Snippet;
}

const [get, set, has] = createContext<Chrome>();

/** The frame's parts; `undefined` outside of the frame, as on the enrolment screen. */
export function getChrome(): Chrome | undefined {
  return has() ? get() : undefined;
}

/** Lends the frame's parts; once, in the frame. */
export const setChrome = set;

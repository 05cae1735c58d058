/** Shapes that several components share. */
import type { Component } from 'svelte';

/** An icon of `@lucide/svelte`, or one of ours that takes the same props. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- icons of both kinds differ in the props that we never pass
export type Icon = Component<any>;

/** What a colour means; never shown by colour alone. */
export type Tone = 'neutral' | 'info' | 'ok' | 'warning' | 'danger' | 'signal';

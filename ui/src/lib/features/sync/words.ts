/** What the state of sending calls things and reasons. */
import type { RefusedCall } from '$lib/backend';
import type { I18n } from '$lib/wording';

/** What something is: a kind of document, a photo, or a call that waited. */
export function kindOf(i18n: Pick<I18n, 'has' | 't'>, kind: string): string {
  const id = `sync-kind-${kind.replace(/[._]/g, '-')}`;
  return i18n.t(i18n.has(id) ? id : 'sync-kind-other');
}

/** Why something was refused: a sentence for every code, also for those that only a machine sends. */
export function reasonOf(i18n: Pick<I18n, 'has' | 't'>, code: string): string {
  const ids = [`sync-refused-${code}`, `error-${code}`];
  // `refused` itself says only that there is a reason.
  const known = code === 'refused' ? undefined : ids.find((id) => i18n.has(id));
  return i18n.t(known ?? 'sync-refused-other');
}

/**
 * The refused calls that only this browser knows of. One that a rule refused stays readable on the
 * server's side too, among the `known` that it lists with all that they say.
 */
export function refusedOnlyHere(
  calls: readonly RefusedCall[],
  known: number,
): readonly RefusedCall[] {
  return known === 0 ? calls : calls.filter((call) => call.code !== 'refused');
}
